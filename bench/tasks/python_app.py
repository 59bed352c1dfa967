"""The Python side of the bench: publishes what it is told to on stdin, or is imported by `celery worker`."""
import json
import os
import sys
import time

from celery import Celery

app = Celery("bench", broker=os.environ["BENCH_BROKER"], backend=os.environ.get("BENCH_BACKEND") or None)
app.conf.task_default_queue = os.environ.get("BENCH_QUEUE", "bench")
app.conf.worker_prefetch_multiplier = int(os.environ.get("BENCH_PREFETCH", "4"))
app.conf.broker_transport_options = json.loads(os.environ.get("BENCH_TRANSPORT_OPTIONS", "{}"))


@app.task(name="bench.add", ignore_result=not os.environ.get("BENCH_BACKEND"))
def add(x, y):
    return x + y


def publish(count):
    for number in range(count):
        add.delay(number, 3)


def round_trip(count):
    for number in range(count):
        assert add.delay(number, 3).get(timeout=30) == number + 3


def main():
    operations = {"publish": publish, "round_trip": round_trip}
    for line in sys.stdin:
        request = json.loads(line)
        start = time.perf_counter()
        operations[request["operation"]](request["count"])
        print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)


if __name__ == "__main__":
    main()
