"""A Flask application whose routes take their arguments with webargs: those of webargs-routes.ts, in Python.

Prints one line of JSON: the port, and the versions. A route answers what it got under `args`, with moments in UTC and
integers beyond 2**53 - 1 as `{"big": digits}`, so that both sides can be compared.
"""
import datetime
import json
import sys

import flask
import marshmallow
import webargs
from flask import Flask, jsonify
from marshmallow import EXCLUDE, INCLUDE, RAISE, Schema, validate
from webargs import fields
from webargs.flaskparser import use_args
from werkzeug.serving import WSGIRequestHandler, make_server

LOCATIONS = ['query', 'form', 'json', 'json_or_form', 'headers', 'cookies']


def required(kind, *args, **kwargs):
    return lambda: kind(*args, required=True, **kwargs)


KINDS = {
    'int': required(fields.Int),
    'int-optional': lambda: fields.Int(),
    'int-default': lambda: fields.Int(load_default=7),
    'int-nullable': required(fields.Int, allow_none=True),
    'int-range': required(fields.Int, validate=validate.Range(min=1, max=5)),
    'int-min': required(fields.Int, validate=validate.Range(min=1)),
    'bigint': required(fields.Int),
    'number': required(fields.Float),
    'number-range': required(fields.Float, validate=validate.Range(min=0.5, max=1.5)),
    'bool': required(fields.Bool),
    'bool-default': lambda: fields.Bool(load_default=False),
    'string': required(fields.Str),
    'string-optional': lambda: fields.Str(),
    'string-length': required(fields.Str, validate=validate.Length(min=2, max=4)),
    'string-pattern': required(fields.Str, validate=validate.Regexp(r'^[a-z]+$')),
    'one-of': required(fields.Str, validate=validate.OneOf(['asc', 'desc'])),
    'date': required(fields.Date),
    'date-time': required(fields.DateTime),
    'list-int': lambda: fields.List(fields.Int(), required=True),
    'list-string': lambda: fields.List(fields.Str(), required=True),
    'list-optional': lambda: fields.List(fields.Str()),
    'list-length': lambda: fields.List(fields.Int(), required=True, validate=validate.Length(min=2, max=3)),
    'list-default': lambda: fields.List(fields.Str(), load_default=list),
    'delimited-int': lambda: fields.DelimitedList(fields.Int(), required=True),
    'delimited-string': lambda: fields.DelimitedList(fields.Str(), required=True),
    'delimited-pipe': lambda: fields.DelimitedList(fields.Int(), delimiter='|', required=True),
    'object': lambda: fields.Nested({'a': fields.Int(required=True), 'l': fields.List(fields.Int())}, required=True),
    'object-exclude': lambda: fields.Nested({'a': fields.Int(required=True)}, unknown=EXCLUDE, required=True),
    'objects': lambda: fields.List(fields.Nested({'a': fields.Int(required=True)}), required=True),
    'deep': lambda: fields.Nested({'o': fields.Nested({'a': fields.Bool(required=True)}, required=True)}, required=True),
    'delimiteds': lambda: fields.List(fields.DelimitedList(fields.Int()), required=True),
}


def shown(value):
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    if isinstance(value, datetime.datetime):
        moment = value if value.tzinfo is None else value.astimezone(datetime.timezone.utc)
        return moment.strftime('%Y-%m-%dT%H:%M:%S.') + f'{moment.microsecond // 1000:03}Z'
    if isinstance(value, datetime.date):
        return f'{value.isoformat()}T00:00:00.000Z'
    if type(value) is int and abs(value) > 2 ** 53 - 1:
        return {'big': str(value)}
    return value


app = Flask(__name__)
app.config['JSON_SORT_KEYS'] = False


@app.errorhandler(400)
@app.errorhandler(422)
def refuse(error):
    data = getattr(error, 'data', None)
    return jsonify(data['messages'] if data else {'flask': error.description}), error.code


def add(path, *parsers):
    def view(*args, **kwargs):
        if len(args) == 1:
            return jsonify(args=shown(args[0]))
        merged = {}
        for one in args:
            merged.update(one)
        return jsonify(args=shown(merged))

    for parser in reversed(parsers):
        view = parser(view)
    app.add_url_rule(path, endpoint=path, view_func=view, methods=['GET', 'POST'])


def pair():
    return {'a': fields.Int(required=True), 'b': fields.Str(required=True)}


class Whole(Schema):
    a = fields.Int(required=True)

    @marshmallow.validates_schema
    def not_unlucky(self, data, **kwargs):
        if data['a'] == 13:
            raise marshmallow.ValidationError('unlucky')


for name, kind in KINDS.items():
    for location in LOCATIONS:
        add(f'/{location}/{name}', use_args({'v': kind()}, location=location))
    add(f'/path/{name}/<v>', use_args({'v': kind()}, location='path'))

for location in LOCATIONS:
    add(f'/{location}/pair', use_args(pair(), location=location))
    add(f'/{location}/dashed', use_args({'X-Num': fields.Int(required=True)}, location=location))
    add(f'/{location}/none', use_args({}, location=location))
    for policy, unknown in {'raise': RAISE, 'exclude': EXCLUDE, 'include': INCLUDE}.items():
        add(f'/{location}/unknown-{policy}', use_args({'a': fields.Int()}, location=location, unknown=unknown))

add('/path/pair/<a>/<b>', use_args(pair(), location='path'))
add('/path/undeclared/<a>/<x>', use_args({'a': fields.Int()}, location='path'))
add('/many', use_args(Schema.from_dict({'a': fields.Int(required=True), 'b': fields.Str()})(many=True)))
add('/whole', use_args(Whole()))
add('/status-400', use_args({'a': fields.Int(required=True)}, error_status_code=400))
add(
    '/several/<id>',
    use_args({'id': fields.Int(required=True)}, location='path'),
    use_args({'q': fields.List(fields.Int(), required=True)}, location='query'),
    use_args({'n': fields.Int(required=True)}, location='json'),
)


class Quiet(WSGIRequestHandler):
    def log(self, *args):
        pass


server = make_server('127.0.0.1', 0, app, threaded=True, request_handler=Quiet)
versions = {'flask': flask.__version__, 'webargs': webargs.__version__, 'marshmallow': marshmallow.__version__}
print(json.dumps({'port': server.server_port, 'versions': versions}))
sys.stdout.flush()
server.serve_forever()
