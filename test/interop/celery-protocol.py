"""Answers questions about Celery's protocol, one JSON object a line, with the real Celery."""
import base64
import json
import sys

import celery
from celery import Celery
from celery.utils.saferepr import saferepr
from celery.worker.request import Request
from celery.worker.strategy import hybrid_to_proto2, proto1_to_proto2
from kombu.compression import encoders
from kombu.message import Message
from kombu.serialization import dumps as kombu_dumps
from kombu.serialization import loads as kombu_loads
from kombu.utils.json import loads


def make_app(**conf):
    app = Celery('interop', broker='memory://', backend='cache+memory://', set_as_current=False)
    app.conf.update(accept_content=['json', 'msgpack', 'yaml'], **conf)

    @app.task(name='py.add')
    def add(x, y=0):
        return x + y

    return app


app = make_app()


def plain(value):
    """A value as Python shows it, which tells types apart."""
    return repr(value)


def to_message(envelope):
    return Message(
        body=base64.b64decode(envelope['body']), content_type=envelope['contentType'],
        content_encoding=envelope['contentEncoding'], headers=envelope['headers'],
        properties={'correlation_id': envelope['properties'].get('correlationId'),
                    'reply_to': envelope['properties'].get('replyTo'),
                    'priority': envelope['properties'].get('priority')},
        delivery_info={'exchange': '', 'routing_key': 'celery'}, delivery_tag='1',
        accept={'application/json', 'application/x-msgpack', 'application/x-yaml'})


def read_task(envelope, timezone='UTC'):
    """What a worker makes of a message, as `celery.worker.strategy` does it."""
    own = make_app(timezone=timezone)
    message = to_message(envelope)
    if 'task' in message.headers:
        if 'args' in message.payload:
            body, headers, decoded, utc = hybrid_to_proto2(message, message.payload)
        else:
            body, headers, decoded, utc = message.body, message.headers, False, own.uses_utc_timezone()
    else:
        body, headers, decoded, utc = proto1_to_proto2(message, message.decode())
    request = Request(message, app=own, body=body, headers=headers, decoded=decoded, utc=utc, task=own.tasks['py.add'])
    args, kwargs, embed = request._payload if hasattr(request, '_payload') else request._Request__payload
    return {
        'task': request.type, 'id': request.id, 'args': plain(args), 'kwargs': plain(kwargs), 'embed': plain(embed),
        'eta': request.eta and request.eta.timestamp(), 'expires': request.expires and request.expires.timestamp(),
        'timelimit': list(request.time_limits), 'argsrepr': request.argsrepr, 'kwargsrepr': request.kwargsrepr,
        'root_id': request.root_id, 'parent_id': request.parent_id, 'reply_to': request.reply_to,
        'correlation_id': request.correlation_id,
    }


def read_result(text):
    """What `AsyncResult` makes of a stored result."""
    meta = app.backend.decode_result(text)
    result = meta['result']
    error = isinstance(result, BaseException)
    return {
        'status': meta['status'], 'result': plain(result), 'is_exception': error,
        'type': type(result).__name__, 'module': type(result).__module__, 'args': plain(result.args) if error else None,
        'traceback': meta.get('traceback'), 'children': plain(meta.get('children')), 'task_id': meta['task_id'],
        'keys': list(meta),
    }


def answer(ask):
    kind = ask['kind']
    if kind == 'version':
        return celery.__version__
    if kind == 'compressions':
        return encoders()
    if kind == 'task':
        return read_task(ask['envelope'], ask.get('timezone', 'UTC'))
    if kind == 'result':
        return read_result(ask['text'])
    if kind == 'repr':
        return saferepr(tuple(loads(ask['text'])), ask['size'])
    if kind == 'value':
        return plain(kombu_loads(base64.b64decode(ask['body']), ask['type'], 'utf-8', force=True))
    if kind == 'echo':
        # Reads a body and writes it again.
        value = kombu_loads(base64.b64decode(ask['body']), ask['type'], 'utf-8', force=True)
        body = kombu_dumps(value, serializer=ask['serializer'])[2]
        return base64.b64encode(body.encode() if isinstance(body, str) else body).decode()
    raise ValueError(kind)


for line in sys.stdin:
    try:
        reply = {'answer': answer(json.loads(line))}
    except Exception as error:
        reply = {'error': f'{type(error).__name__}: {error}'}
    sys.stdout.write(json.dumps(reply) + '\n')
    sys.stdout.flush()
