"""Measures the way from a Jetstream on loopback to Apache Kafka: posts a second of wall time and of the source's own
processor time, and its memory as posts go by. `make sources-measure`; POSTS=1000000 for the long run.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition

from agents.adapters.admin import create_topics
from agents.adapters.kafka_process import KafkaProcess
from agents.settings import Settings
from streams.contracts.topics import CURSORS
from tests.integration.program import environment
from tests.sources.servers.jetstream import Jetstream, event

POSTS = int(os.environ.get("POSTS", "200000"))
TICKS = os.sysconf("SC_CLK_TCK")


def cursor_of(bootstrap: str) -> int:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    place = TopicPartition(CURSORS.name, 0)
    try:
        consumer.assign([place])
        end = consumer.end_offsets([place])[place]
        if not end:
            return 0
        consumer.seek(place, end - 1)
        for records in consumer.poll(timeout_ms=2000).values():
            return int(json.loads(records[-1].value).get("cursor") or 0)
        return 0
    finally:
        consumer.close()


def used_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


async def measure(folder: Path, bootstrap: str) -> None:
    create_topics(Settings(bootstrap=bootstrap))
    server = Jetstream(folder)
    await server.start()
    begin_us = time.time_ns() // 1000 - POSTS
    text = "a post of about the length that people write, with #words and a link https://example.org/page %d"
    command = [sys.executable, "-m", "agents.cli.main", "ingest", "bluesky"]
    command += ["--endpoint", f"ws://127.0.0.1:{server.port}/subscribe"]
    with (folder / "source.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment(bootstrap, folder), stdout=log, stderr=log
        )
        while not server.readers:
            await asyncio.sleep(0.02)
        await asyncio.sleep(1)
        began, began_cpu = time.monotonic(), used_s(process.pid)
        print(f"{'posts':>12} {'seconds':>8} {'processor s':>12} {'MiB':>6}")
        step = max(POSTS // 10, 1)
        for first in range(0, POSTS, 1000):
            async with server.more:
                for n in range(first, min(first + 1000, POSTS)):
                    wire = event(n, begin_us + n, (begin_us + n) // 1000, text=text % n)
                    server.log.append((begin_us + n, json.dumps(wire).encode()))
                server.more.notify_all()
            while server.sent < first + 1000:
                await asyncio.sleep(0.005)
            server.log.clear()
            server.forgotten += 1000
            if first % step < 1000:
                print(f"{first:>12,} {time.monotonic() - began:>8.1f} {used_s(process.pid) - began_cpu:>12.1f} "
                      f"{memory_mib(process.pid):>6.0f}")  # fmt: skip
        while await asyncio.to_thread(cursor_of, bootstrap) < begin_us + POSTS - 1:
            await asyncio.sleep(0.2)
        wall, cpu, memory = time.monotonic() - began, used_s(process.pid) - began_cpu, memory_mib(process.pid)
        process.terminate()
        await process.wait()
    await server.stop()
    print(f"{POSTS:,} posts acknowledged by Kafka: {POSTS / wall:,.0f} a second on the clock, {POSTS / cpu:,.0f} a "
          f"second of the source's processor time; {memory:.0f} MiB at the end")  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, KafkaProcess(Path(folder) / "kafka") as broker:
        asyncio.run(measure(Path(folder), broker.bootstrap))


if __name__ == "__main__":
    main()
