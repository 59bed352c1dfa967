"""Answers one JSON line for each JSON line: encodes and decodes tokens with the PyJWT it finds.

{"op": "encode", "payload", "key", "alg", "headers"} -> {"token"}
{"op": "decode", "token", "key", "alg", "options"}   -> {"payload", "header"} or {"error": the exception's name}
`key` is a secret, a PEM text, or {"jwks": key set} of which PyJWT picks the key by `kid`.
"""
import json
import sys

import jwt


def key_for(key, token):
    if isinstance(key, dict):
        kid = jwt.get_unverified_header(token)["kid"]
        return next(k.key for k in jwt.PyJWKSet.from_dict(key["jwks"]).keys if k.key_id == kid)
    return key


def answer(request):
    if request["op"] == "version":
        return {"version": jwt.__version__}
    if request["op"] == "encode":
        token = jwt.encode(request["payload"], request["key"], request["alg"], headers=request.get("headers"))
        return {"token": token}
    token = request["token"]
    try:
        payload = jwt.decode(token, key_for(request["key"], token), [request["alg"]], **request.get("options", {}))
    except jwt.exceptions.InvalidTokenError as error:
        return {"error": type(error).__name__}
    return {"payload": payload, "header": jwt.get_unverified_header(token)}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
