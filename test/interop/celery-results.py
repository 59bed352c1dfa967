"""Results as the real Celery stores, reads and awaits them. Requests are lines of JSON, and so are answers."""
import json
import sys
import uuid
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace

from celery import Celery, states
from celery.exceptions import Ignore
from celery.result import AsyncResult, GroupResult

backend_url, broker_url, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
app = Celery('results', broker=broker_url, backend=backend_url)
app.conf.update(options)


@app.task(name='body')
def body(results):
    raise Ignore()


class BadGrade(Exception):
    """A class that the other side does not know."""


VALUES = {
    'number': 5,
    'text': 'Grüße, 世界, 🎓, \x00 "quoted"',
    'nothing': None,
    'nested': {'a': [1, {'b': [None, True, 1.5]}], 'ä': {}},
    'big': 2**80 + 1,
    'minus': -(2**63),
    'nan': [float('nan'), float('inf'), float('-inf')],
    'float': 1e22,
    'bytes': b'plain',
    'binary': b'\xff\xfe\x00',
    'datetime': datetime(2026, 11, 23, 10, 53, 24, 472227, tzinfo=timezone.utc),
    'date': date(2026, 11, 23),
    'time': time(10, 53, 24, 500000),
    'decimal': Decimal('19.90'),
    'uuid': uuid.UUID('7b8d3c1e-5a0c-4f0e-9a57-0c6f1d5f7f10'),
    'megabyte': 'ä' * 500_000,
}

ERRORS = {
    'value': ValueError('bad', 42),
    'key': KeyError('x'),
    'custom': BadGrade('mathematics', {'grade': 7}),
    'unicode': RuntimeError('Grüße, 世界'),
    'object': ValueError(object()),
    'big': OverflowError(2**80),
    'empty': StopIteration(),
}


def request(**fields):
    defaults = dict(
        id=None, group=None, group_index=None, parent_id=None, children=[], chord=None, errbacks=None, delivery_info={},
        reply_to=None, correlation_id=None, root_id=None, stamps={}, stamped_headers=None,
    )
    return SimpleNamespace(**{**defaults, **fields})


def store(task_id, value, state='SUCCESS', traceback=None, fields=None):
    """Stores one of the values, or one of the errors, as a worker does."""
    wants_error = state in states.EXCEPTION_STATES
    result = ERRORS[value] if wants_error else VALUES[value] if isinstance(value, str) else value
    app.backend.store_result(task_id, result, state, traceback=traceback, request=request(**(fields or {})))
    return True


def revoke(task_id, reason):
    app.backend.mark_as_revoked(task_id, reason, request=request(id=task_id))
    return True


def store_children(task_id, parent_id, child_id):
    child = AsyncResult(child_id, app=app, parent=AsyncResult(parent_id, app=app))
    group = GroupResult(parent_id, [AsyncResult(child_id, app=app)], app=app)
    app.backend.store_result(task_id, 1, 'SUCCESS', request=request(children=[child, group]))
    return True


def shape(value):
    return [type(value).__name__, repr(value) if len(repr(value)) < 500 else len(repr(value))]


def thrown(error):
    return {'class': type(error).__name__, 'module': type(error).__module__, 'args': [shape(one) for one in error.args]}


def read(task_id):
    """What a client sees of a result."""
    result = AsyncResult(task_id, app=app)
    value = result.result
    return {
        'state': result.state,
        'ready': result.ready(),
        'result': thrown(value) if isinstance(value, BaseException) else shape(value),
        'traceback': result.traceback,
        'date_done': result.date_done and result.date_done.isoformat(),
        'children': [child.as_tuple() for child in result.children or []],
        'extended': [result.name, result.args, result.kwargs, result.worker, result.retries, result.queue],
    }


def wait(task_id, timeout):
    """Waits as a client does that has just sent the task, and says how it ended."""
    try:
        return {'value': shape(AsyncResult(task_id, app=app).get(timeout=timeout))}
    except Exception as error:
        return {'thrown': thrown(error)}


def oid():
    """Where results come to over rpc://; makes the queue, as sending a task does."""
    with app.producer_pool.acquire(block=True) as producer:
        app.backend.on_task_call(producer, 'any')
    return app.backend.oid


def save_group(group_id, task_ids):
    nested = GroupResult('inner', [AsyncResult(one, app=app) for one in task_ids[1:]], app=app)
    GroupResult(group_id, [AsyncResult(task_ids[0], app=app), nested], app=app).save()
    return True


def restore_group(group_id):
    return GroupResult.restore(group_id, app=app).as_tuple()


def set_chord_size(group_id, size):
    app.backend.set_chord_size(group_id, size)
    return True


def chord_part(group_id, task_id, index, state, value, body_id):
    """Notes a part as a worker does; gives the arguments of the body when that was sent."""
    signature = body.s().set(task_id=body_id)
    result = ERRORS[value] if state != 'SUCCESS' else value
    app.backend.on_chord_part_return(
        request(id=task_id, group=group_id, group_index=index, chord=signature), state, result
    )
    with app.connection() as connection:
        message = connection.default_channel.queue_declare(queue='celery', durable=True) and connection.default_channel.basic_get('celery', no_ack=True)
    return message and message.payload[0]


for line in sys.stdin:
    name, *arguments = json.loads(line)
    try:
        answer = globals()[name](*arguments)
    except Exception as error:
        answer = {'error': repr(error)}
    print(json.dumps(answer), flush=True)
