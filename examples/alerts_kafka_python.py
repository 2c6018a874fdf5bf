"""Alerts with kafka-python: pip install kafka-python; python alerts_kafka_python.py broker:9092 [how many]."""

import json
import sys

from kafka import KafkaConsumer

left = int(sys.argv[2]) if len(sys.argv) > 2 else -1
for message in KafkaConsumer("alerts", bootstrap_servers=sys.argv[1], group_id="team-a", auto_offset_reset="earliest"):
    alert = json.loads(message.value)
    print(alert["emitted_at"], alert["stage"], ", ".join(alert["why"]["top_terms"]), flush=True)
    left -= 1
    if left == 0:
        break
