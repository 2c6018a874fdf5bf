"""A source killed with -9 fifty times while posts come in: at the topic none is lost and none is there twice."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from agents.adapters.admin import create_topics
from agents.settings import Settings
from tests.integration.program import environment
from tests.sources.conftest import written
from tests.sources.measuring import cursor_of
from tests.sources.servers.jetstream import Jetstream, event

KILLS = int(os.environ.get("KILLS", "50"))
POSTS_A_SECOND = 200
SETTLE_S = 240


@pytest.mark.faults
@pytest.mark.timeout(1500)
async def test_fifty_kills_lose_nothing_and_repeat_nothing(tmp_path: Path, fresh_kafka: str) -> None:
    create_topics(Settings(bootstrap=fresh_kafka))
    server = Jetstream(tmp_path)
    await server.start()
    env = environment(fresh_kafka, tmp_path)
    command = [sys.executable, "-m", "agents.cli.main", "ingest", "bluesky"]
    command += ["--endpoint", f"ws://127.0.0.1:{server.port}/subscribe"]
    name = f"bluesky:127.0.0.1:{server.port}"
    log = (tmp_path / "source.log").open("wb")
    published = 0
    chance = random.Random(50)

    async def write_on() -> None:
        nonlocal published
        while True:
            now_us = time.time_ns() // 1000
            for _ in range(POSTS_A_SECOND // 20):
                await server.append(event(published, now_us + published % 20, now_us // 1000))
                published += 1
            await asyncio.sleep(0.05)

    async def began(readers: int) -> None:
        async with asyncio.timeout(SETTLE_S):
            while server.readers < readers:
                assert process.poll() is None, (tmp_path / "source.log").read_text("utf-8")
                await asyncio.sleep(0.005)

    process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    writing = None
    try:
        await began(1)
        writing = asyncio.create_task(write_on())
        for kill in range(KILLS):
            await asyncio.sleep(chance.uniform(0.0, 0.8))
            process.send_signal(signal.SIGKILL)
            process.wait()
            process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
            await began(kill + 2)
        writing.cancel()
        expected = {f"at://did:plc:testtesttesttesttesttest/app.bsky.feed.post/k{n}" for n in range(published)}
        last_us = max(time_us for time_us, _ in server.log)
        async with asyncio.timeout(SETTLE_S):
            while await asyncio.to_thread(cursor_of, fresh_kafka) < last_us:
                await asyncio.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        found = await asyncio.to_thread(written, fresh_kafka, name)
    finally:
        if writing is not None:
            writing.cancel()
        process.kill()
        process.wait()
        log.close()
        await server.stop()
    repeats = sum(count - 1 for count in Counter(found.ids).values())
    cursors = len(found.cursors)
    print(f"\n{KILLS} kills, {published:,} posts published, {len(expected - set(found.ids))} lost, "
          f"{repeats} repeated, {cursors} cursors")  # fmt: skip
    assert set(found.ids) == expected
    assert repeats == 0
