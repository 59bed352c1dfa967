"""Tasks in Python, of which typescript-app.ts has the same. The variable INTEROP says by what they are reached."""
import json
import os

import redis
from celery import Celery
from celery.exceptions import Ignore, Reject

config = json.loads(os.environ['INTEROP'])
app = Celery('interop')
app.conf.update(config['settings'])
store = redis.Redis.from_url(config['redis'], socket_timeout=None)


class ShelfError(Exception):
    """An exception that only this side knows."""


@app.task(name='py.add')
def add(x, y):
    return x + y


@app.task(name='py.echo')
def echo(value):
    return value


@app.task(name='py.show')
def show(value):
    """A value as Python sees it, which tells types apart."""
    return repr(value)


@app.task(name='py.length')
def length(text):
    return len(text)


@app.task(name='py.arguments')
def arguments(*args, **kwargs):
    return [list(args), kwargs]


@app.task(name='py.fail')
def fail(*_):
    raise ValueError('bad', 42)


@app.task(name='py.fail_custom')
def fail_custom(*_):
    raise ShelfError('full', {'left': 0})


@app.task(name='py.flaky', bind=True)
def flaky(self, failures, countdown=0):
    """Succeeds after as many tries; tells which one it was."""
    store.rpush(f'tries:{self.request.id}', self.request.retries)
    if self.request.retries < failures:
        raise self.retry(exc=ValueError('not yet'), countdown=countdown, max_retries=10)
    return self.request.retries


@app.task(name='py.hopeless', bind=True)
def hopeless(self):
    raise self.retry(exc=KeyError('gone'), countdown=0, max_retries=2)


@app.task(name='py.gate', bind=True)
def gate(self, key, state=None):
    """Says that it has started, and ends when it is let through."""
    if state:
        self.update_state(state=state, meta={'done': 1, 'of': 3})
    store.rpush(f'{key}:started', self.request.id)
    store.blpop(f'{key}:open', 20)
    return 'through'


@app.task(name='py.record')
def record(*args):
    """Notes its arguments; the last one is the key."""
    store.rpush(args[-1], json.dumps(args[:-1]))


@app.task(name='py.count')
def count(key, number):
    store.rpush(f'{key}:py', number)


@app.task(name='py.request', bind=True)
def request(self):
    mine = self.request
    return {
        'id': mine.id, 'retries': mine.retries, 'eta': mine.eta, 'expires': mine.expires, 'shadow': mine.shadow,
        'timelimit': list(mine.timelimit or [None, None]), 'root': mine.root_id, 'parent': mine.parent_id,
        'origin': mine.origin, 'priority': mine.delivery_info.get('priority'),
        'tenant': (mine.headers or {}).get('tenant', getattr(mine, 'tenant', None)),
        'number': (mine.headers or {}).get('number', getattr(mine, 'number', None)),
        'routing_key': mine.delivery_info['routing_key'], 'ignore_result': mine.ignore_result,
        'stamps': getattr(mine, 'stamps', None),
    }


@app.task(name='py.ignored')
def ignored():
    raise Ignore()


@app.task(name='py.rejected', acks_late=True)
def rejected():
    raise Reject('no', requeue=False)


@app.task(name='py.parent')
def parent(child):
    """Sends another task, which becomes its child."""
    return app.send_task(child, args=[1, 2]).id


@app.task(name='py.replaced', bind=True)
def replaced(self, x):
    raise self.replace(app.signature('ts.add', args=(x, 100)))


@app.task(name='any.count')
def any_count(key, number):
    """Which side runs a task of this name is not known before."""
    store.rpush(f'{key}:py', number)
