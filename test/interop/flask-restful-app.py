"""A Flask-RESTful application whose output_json follows the documented rules of the original.

Every row of flask-restful-rows.ts has its path here. Prints one line of JSON: the port, and Werkzeug's own texts.
"""
import datetime
import decimal
import json
import sys
import uuid
from collections import OrderedDict

from flask import Flask, Response, jsonify
from flask_restful import Api, Resource, abort
from werkzeug.exceptions import Conflict, default_exceptions
from werkzeug.serving import WSGIRequestHandler, make_server


class Text(str):
    pass


class Custom(Exception):
    pass


def fail(error):
    raise error


ROWS = {
    'string': lambda: 'hello',
    'string-201': lambda: ('made', 201),
    'string-302': lambda: ('x', 302),
    'string-400': lambda: ('bad', 400),
    'string-500': lambda: ('boom', 500),
    'string-empty-400': lambda: ('', 400),
    'string-0': lambda: ('x', 0),
    'object': lambda: {'a': 1},
    'object-message': lambda: {'message': 'm', 'a': 1},
    'object-message-400': lambda: ({'message': 'm', 'a': 1}, 400),
    'object-code-400': lambda: ({'code': 'E1'}, 400),
    'list-400': lambda: (['e1', 'e2'], 400),
    'object-subclass-400': lambda: (OrderedDict(message='m'), 400),
    'string-subclass-400': lambda: (Text('bad'), 400),
    'null': lambda: None,
    'null-204': lambda: (None, 204),
    'abort-404': lambda: abort(404),
    'abort-message': lambda: abort(403, message='nope'),
    'abort-messages': lambda: abort(400, message=['a', 'b']),
    'abort-object': lambda: abort(400, message={'field': 'bad'}),
    'abort-others': lambda: abort(400, error='x', code=7),
    'abort-webargs': lambda: abort(422, messages={'name': ['Missing.']}),
    'http-exception': lambda: fail(Conflict('dup')),
    'crash': lambda: 1 / 0,
    'errors-option': lambda: fail(Custom('secret')),
    'decimal': lambda: {'price': decimal.Decimal('1.25')},
    'date': lambda: {'at': datetime.datetime(2020, 1, 2, 3, 4, 5)},
    'uuid': lambda: {'id': uuid.UUID('12345678-1234-5678-1234-567812345678')},
    'big-integer': lambda: {'id': 2 ** 60 + 1},
    'nan': lambda: {'x': float('nan')},
    'response': lambda: Response('raw', 207, {'x-raw': 'yes'}, mimetype='text/plain'),
    'wrong-method': lambda: 'unreachable',
    'xml-only': lambda: {'a': 1},
    'headers': lambda: ({'a': 1}, 200, {'x-total': '3'}),
}


def output_json(data, code, headers=None):
    if code >= 400:
        if type(data) is str:
            data = {'_errors': [data]}
        elif type(data) is dict and 'message' in data:
            data = {'_errors': [data['message']]}
    elif type(data) is str:
        data = {'message': data}
    response = jsonify(data)
    if code:
        response.status_code = code
    response.headers.extend(headers or {})
    return response


app = Flask(__name__)
api = Api(app, errors={'Custom': {'message': 'A conflict.', 'status': 409, 'extra': 1}})
api.representations['application/json'] = output_json


def add(name, answer):
    resource = type(name, (Resource,), {'get': lambda self: answer()})
    api.add_resource(resource, '/rows/' + name, endpoint=name)


for row, view in ROWS.items():
    add(row, view)


class Quiet(WSGIRequestHandler):
    def log(self, *args):
        pass


server = make_server('127.0.0.1', 0, app, request_handler=Quiet)
texts = {code: exception.description for code, exception in default_exceptions.items()}
print(json.dumps({'port': server.server_port, 'texts': texts}))
sys.stdout.flush()
server.serve_forever()
