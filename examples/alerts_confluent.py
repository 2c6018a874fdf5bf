"""Alerts with confluent-kafka: pip install confluent-kafka; python alerts_confluent.py broker:9092 [how many].

A restart of Redian may send an alert again with the same `ce_id`: ids that were seen are skipped, and offsets are
committed only after an alert was handled, so that none is lost, or told twice while this program runs.
"""

import json
import sys

from confluent_kafka import Consumer

seen: set[bytes] = set()
left = int(sys.argv[2]) if len(sys.argv) > 2 else -1
consumer = Consumer(
    {
        "bootstrap.servers": sys.argv[1],
        "group.id": "team-b",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    }
)
consumer.subscribe(["alerts"])
try:
    while left != 0:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error():
            print(message.error(), file=sys.stderr)
            continue
        name = dict(message.headers() or [])["ce_id"]
        if name not in seen:
            seen.add(name)
            alert = json.loads(message.value())
            print(alert["emitted_at"], alert["stage"], ", ".join(alert["why"]["top_terms"]), flush=True)
            left -= 1
        consumer.commit(message)
finally:
    consumer.close()
