"""A process that uses Celery in Python: runs what is asked of it, one JSON object a line, and answers what it returned."""
import inspect
import json
import sys
import textwrap
import threading
import traceback
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from importlib import import_module
from uuid import UUID, uuid4

import celery
from celery import chain, chord, group
from celery.canvas import chunks, xmap, xstarmap
from celery.result import AsyncResult, GroupResult
from kombu import compression

interop = import_module('python-app')
app = interop.app
store = interop.store
SECONDS = 15


def sig(name, *args, **options):
    """A signature; options of `apply_async` by name."""
    return app.signature(name, args=args, options=options)


def send(name, *args, **kwargs):
    return app.send_task(name, args=args, kwargs=kwargs)


def call(name, *args, **kwargs):
    """Calls a task and gives its result."""
    return send(name, *args, **kwargs).get(timeout=SECONDS)


def failure(result):
    """What getting a result raises: class, module, arguments."""
    try:
        result.get(timeout=SECONDS)
    except Exception as error:
        return [type(error).__name__, type(error).__module__, json.loads(json.dumps(error.args, default=repr))]
    raise AssertionError(f'{result.id} did not fail')


def state_of(task_id):
    result = AsyncResult(task_id, app=app)
    return [result.state, json.loads(json.dumps(result.info, default=repr))]


def wait_started(key):
    found = store.blpop(f'{key}:started', SECONDS)
    assert found, f'{key} has not started'
    return found[1].decode()


def let_through(key):
    store.rpush(f'{key}:open', 1)


def noted(key, count=1):
    """What `record` noted under a key, waited for."""
    found = []
    while len(found) < count:
        item = store.blpop(key, SECONDS)
        assert item, f'{key}: {found}'
        found.append(json.loads(item[1]))
    return found


def run(ask):
    try:
        space = dict(globals())
        exec('def asked():\n' + textwrap.indent(ask['code'], '    '), space)
        reply = {'id': ask['id'], 'answer': space['asked']()}
        text = json.dumps(reply)
    except BaseException:
        text = json.dumps({'id': ask['id'], 'error': traceback.format_exc()})
    sys.stdout.write(text + '\n')
    sys.stdout.flush()


print(json.dumps({'id': 0, 'answer': celery.__version__}), flush=True)
for line in sys.stdin:
    run(json.loads(line))
