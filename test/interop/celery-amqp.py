"""What kombu and py-amqp put on a RabbitMQ, and what they read from it. Requests are lines of JSON, and so are answers."""
import json
import sys
import time
from datetime import datetime
from decimal import Decimal

from kombu import Connection, Exchange, Queue

connection = Connection(sys.argv[1])
channel = connection.channel()


def plain(value):
    """Says the type with the value, as JSON would mix them."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, (bytes, memoryview)):
        return ['bytes', list(bytes(value))]
    return [type(value).__name__, str(value)]


HEADERS = {
    'big': 2**40,
    'minus': -(2**40),
    'huge': 2**63 - 1,
    'small': 300,
    'float': 1.5,
    'yes': True,
    'none': None,
    'text': 'Grüße, 世界',
    'bytes': b'\xff\xfe',
    'decimal': Decimal('-19.90'),
    'date': datetime(2026, 11, 23, 10, 53, 24),
    'timelimit': [300, None],
    'stamps': {'a': ['x', 2**40]},
}


def send(queue):
    channel.basic_publish(
        channel.prepare_message(b'from python', headers=HEADERS, priority=3, properties={'correlation_id': 'c'}),
        exchange='',
        routing_key=queue,
    )
    return True


def receive(queue):
    message = None
    for _ in range(500):
        message = channel.basic_get(queue, no_ack=True)
        if message is not None:
            break
        time.sleep(0.02)
    if message is None:
        return None
    properties = {key: value for key, value in message.properties.items() if key != 'application_headers'}
    return {'headers': plain(message.headers), 'properties': plain(properties), 'body': str(message.body)}


def declare(name, exchange, type, durable, auto_delete, routing_key, arguments):
    """As Celery does, by kombu."""
    Queue(
        name,
        Exchange(exchange, type=type, durable=durable) if exchange else None,
        routing_key=routing_key,
        durable=durable,
        auto_delete=auto_delete,
        queue_arguments=arguments,
    ).bind(channel).declare()
    return True


def delay(queue, exchange, routing_key, seconds):
    from kombu.transport.native_delayed_delivery import (
        bind_queue_to_native_delayed_delivery_exchange,
        calculate_routing_key,
        declare_native_delayed_delivery_exchanges_and_queues,
    )

    declare_native_delayed_delivery_exchanges_and_queues(connection, 'quorum')
    arguments = {'x-queue-type': 'quorum'}
    bound = Queue(queue, Exchange(exchange, type='topic'), routing_key=routing_key, queue_arguments=arguments)
    bound.bind(channel).declare()
    bind_queue_to_native_delayed_delivery_exchange(connection, bound)
    if seconds:
        producer = connection.Producer()
        key = calculate_routing_key(seconds, routing_key)
        producer.publish('later', exchange=Exchange('celery_delayed_27', type='topic'), routing_key=key)
    return True


for line in sys.stdin:
    name, *arguments = json.loads(line)
    try:
        answer = globals()[name](*arguments)
    except Exception as error:
        answer = {'error': repr(error)}
        channel = connection.channel()
    print(json.dumps(answer), flush=True)
