"""Answers one JSON request from its standard input: what the Celery and kombu it finds make of settings.

{"op": "names"}                          -> {"old": {new name: old name}, "defaults": {new name: default}}
{"op": "urls", "urls": [...]}            -> one object each, of kombu's Connection and Redis transport, or {"error"}
{"op": "routes", "cases": [{"settings", "name", "call"}]} -> where send_task_message publishes, or {"error"}
{"op": "nodes", "host", "patterns"}      -> the node's name each
A pattern in `task_routes` is written {"re": text}.
"""
import json
import re
import sys
from types import SimpleNamespace


def names():
    from celery.app import defaults

    def plain(value):
        return value if value is None or isinstance(value, (bool, int, str, dict, list)) else (
            list(value) if isinstance(value, tuple) else
            value.total_seconds() if hasattr(value, "total_seconds") else
            "inf" if value == float("inf") else value)

    return {
        "old": dict(defaults._TO_OLD_KEY),
        "defaults": {key: plain(value) for key, value in defaults.DEFAULTS.items()},
    }


def url(text):
    from kombu import Connection

    connection = Connection(text)
    transport = connection.transport_cls
    if transport in ("redis", "rediss", "sentinel"):
        from kombu.transport import redis

        channel = redis.Channel.__new__(redis.Channel)
        port = 26379 if transport == "sentinel" else 6379
        channel.connection = SimpleNamespace(client=connection, default_port=port)
        params = channel._connparams()
        return {key: params.get(key) for key in ("host", "port", "path", "db", "username", "password")}
    for name, value in connection.transport.default_connection_params.items():
        if not getattr(connection, name, None):
            setattr(connection, name, value)
    return {
        "host": connection.hostname,
        "port": connection.port,
        "virtualHost": connection.virtual_host,
        "username": connection.userid,
        "password": connection.password,
        "alternates": connection.alt,
    }


def patterns(routes):
    """With {"re": text} made a pattern, and lists of pairs put into one list more, as Celery wants them."""
    if isinstance(routes, list) and all(isinstance(one, list) and len(one) == 2 for one in routes):
        return [[(re.compile(key["re"]) if isinstance(key, dict) else key, value) for key, value in routes]]
    return routes


def route(case):
    from celery import Celery
    from kombu.transport.base import to_rabbitmq_queue_arguments

    settings = dict(case["settings"])
    if "task_routes" in settings:
        settings["task_routes"] = patterns(settings["task_routes"])
    app = Celery("x", set_as_current=False, broker="memory://", changes=settings)
    sent = {}

    class Producer:
        def publish(self, body, **options):
            sent.update(options)

    options = app.amqp.router.route(dict(case.get("call", {})), case["name"], (), {})
    app.amqp.send_task_message(Producer(), case["name"], app.amqp.as_task_v2("id", case["name"]), **options)
    declared = sent["declare"][0] if sent["declare"] else None
    exchange = sent["exchange"]
    return {
        "exchange": getattr(exchange, "name", exchange),
        "routingKey": sent["routing_key"] or "",
        "deliveryMode": sent["delivery_mode"],
        "priority": sent.get("priority"),
        "queue": declared and {
            "name": declared.name,
            "exchange": declared.exchange.name,
            "exchangeType": declared.exchange.type,
            "exchangeDurable": declared.exchange.durable,
            "exchangeAutoDelete": declared.exchange.auto_delete,
            "routingKey": declared.routing_key,
            "durable": declared.durable,
            "autoDelete": declared.auto_delete,
            "exclusive": declared.exclusive,
            "arguments": to_rabbitmq_queue_arguments(declared.queue_arguments or {}),
        },
    }


def node(pattern, host):
    from celery.utils import nodenames

    nodenames.gethostname = lambda: host
    return nodenames.host_format(nodenames.default_nodename(pattern))


def attempt(work, *args):
    try:
        return work(*args)
    except Exception as error:
        return {"error": type(error).__name__}


def answer(request):
    if request["op"] == "names":
        return names()
    if request["op"] == "urls":
        return [attempt(url, one) for one in request["urls"]]
    if request["op"] == "routes":
        return [attempt(route, one) for one in request["cases"]]
    return [attempt(node, one, request["host"]) for one in request["patterns"]]


print(json.dumps(answer(json.load(sys.stdin))))
