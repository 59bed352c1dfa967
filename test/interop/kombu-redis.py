"""What kombu puts on a Redis, and what it reads from it. Requests are lines of JSON, and so are answers."""
import json
import socket
import sys
import threading
import time
from collections import deque

from kombu import Connection, Consumer, Exchange, Producer, Queue

url, prefix = sys.argv[1], sys.argv[2]
held = deque()


def connect(timeout=3600):
    connection = Connection(
        url, transport_options={'global_keyprefix': prefix, 'visibility_timeout': timeout, 'unacked_restore_limit': None}
    )
    connection.connect()
    return connection


connection = connect()
channel = connection.channel()
producer = Producer(channel)


def queue_of(name, exchange=None):
    if exchange is None:
        return Queue(name, Exchange(name, 'direct'), name)
    return Queue(name, Exchange(exchange[0], exchange[1]), exchange[2])


def send(queue, texts, headers=None, priorities=None):
    declared = queue_of(queue)(channel)
    declared.declare()
    for place, text in enumerate(texts):
        producer.publish(
            text.encode(),
            routing_key=queue,
            exchange='',
            headers=headers or {},
            content_type='text/plain',
            content_encoding='utf-8',
            priority=(priorities or {}).get(str(place), 0),
            correlation_id='c',
            reply_to='r',
        )
    return True


def shown(message):
    body = message.body
    return {
        'text': body if isinstance(body, str) else bytes(body).decode(),
        'headers': {key: value for key, value in message.headers.items() if key != 'redelivered'},
        'redelivered': bool(message.headers.get('redelivered')),
        'info': {key: message.delivery_info.get(key) for key in ('exchange', 'routing_key')},
        'properties': {
            key: message.properties.get(key) for key in ('correlation_id', 'reply_to', 'delivery_mode', 'priority')
        },
        'type': message.content_type,
    }


def drain(channel, queues, count, ack, seconds):
    """Takes by BRPOP, as a worker does."""
    found = []

    def receive(message):
        found.append(shown(message))
        if ack:
            message.ack()
        else:
            held.append(message)

    until = time.time() + seconds
    with Consumer(channel, [queue_of(name) for name in queues], on_message=receive, accept=['text/plain']) as consumer:
        consumer.qos(prefetch_count=1 if ack else count)
        while len(found) < count and time.time() < until:
            try:
                channel.connection.client.drain_events(timeout=0.2)
            except socket.timeout:
                pass
    return found


def take(queues, count, ack=True, seconds=10):
    return drain(connection.channel(), queues, count, ack, seconds)


def hold(queues, count):
    """Takes and never settles, as a worker does that dies."""
    own = connect()
    channel = own.channel()
    found = drain(channel, queues, count, False, 10)
    channel.qos._delivered.clear()
    channel.qos._dirty.clear()
    channel.qos.restore_at_shutdown = False
    own.close()
    return found


def restore(timeout):
    """Looks for what dead workers held."""
    own = connect(timeout)
    channel = own.channel()
    channel.qos.restore_visible(num=None, interval=1)
    own.close()
    return True


def listen(exchange, pattern, count):
    """Subscribes; `heard` waits for what comes."""
    own = connect()
    channel = own.channel()
    queue = Queue('listener.' + exchange, Exchange(exchange, 'fanout'), pattern, auto_delete=True)
    found = []
    ready = threading.Event()

    def run():
        with Consumer(channel, [queue], on_message=lambda message: found.append(shown(message)), no_ack=True):
            until = time.time() + 10
            while len(found) < count and time.time() < until:
                try:
                    own.drain_events(timeout=0.2)
                except socket.timeout:
                    ready.set()
        own.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(5)
    listeners[exchange] = (thread, found)
    return True


listeners = {}


def heard(exchange):
    thread, found = listeners.pop(exchange)
    thread.join(10)
    return found


def broadcast(exchange, routing_key, text):
    producer.publish(
        text.encode(),
        exchange=Exchange(exchange, 'fanout'),
        declare=[Exchange(exchange, 'fanout')],
        routing_key=routing_key,
        content_type='text/plain',
        content_encoding='utf-8',
    )
    return True


def bind(name, exchange, kind, key):
    queue_of(name, (exchange, kind, key))(channel).declare()
    return True


def publish(exchange, kind, key, text):
    producer.publish(
        text.encode(), exchange=Exchange(exchange, kind), routing_key=key, content_type='text/plain', content_encoding='utf-8'
    )
    return True


def work(queue, seconds):
    """Takes and acknowledges until nothing comes for a while."""
    channel = connection.channel()
    found = []

    def receive(message):
        found.append(bytes(message.body).decode() if not isinstance(message.body, str) else message.body)
        message.ack()

    last = time.time()
    with Consumer(channel, [queue_of(queue)], on_message=receive, accept=['text/plain']) as consumer:
        consumer.qos(prefetch_count=10)
        while time.time() < last + seconds:
            try:
                connection.drain_events(timeout=0.2)
                last = time.time()
            except socket.timeout:
                pass
    return found


functions = {
    one.__name__: one
    for one in (send, take, hold, restore, listen, heard, broadcast, bind, publish, work)
}

for line in sys.stdin:
    name, words = json.loads(line)
    try:
        answer = functions[name](**words)
    except Exception as error:  # told to the test
        answer = {'error': repr(error)}
    print(json.dumps(answer), flush=True)
