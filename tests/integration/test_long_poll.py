"""A consumer that has nothing to read does not keep the broker, and this machine, busy."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from agents.adapters.admin import create_topics
from agents.adapters.connection import asynchronous
from agents.adapters.following import connected
from agents.settings import Settings
from streams.contracts.topics import QUESTIONS

pytestmark = pytest.mark.integration


async def test_an_idle_consumer_asks_now_and_then_and_still_gets_what_comes(own_broker: str) -> None:
    settings = Settings(bootstrap=own_broker)
    create_topics(settings)
    asked: Counter[str] = Counter()
    async with connected(AIOKafkaProducer(**asynchronous(settings))) as producer:
        await producer.send_and_wait(QUESTIONS.name, b"first")
        consumer = AIOKafkaConsumer(QUESTIONS.name, **asynchronous(settings), auto_offset_reset="earliest")
        async with connected(consumer):
            assert (await asyncio.wait_for(consumer.getone(), 30)).value == b"first"
            send = consumer._client.send

            async def counted(node: int, request: Any, **given: Any) -> Any:
                asked[type(request).__name__] += 1
                return await send(node, request, **given)

            consumer._client.send = counted
            waiting = asyncio.create_task(consumer.getone())
            await asyncio.sleep(3)
            fetches = sum(number for name, number in asked.items() if name.startswith("Fetch"))
            assert 0 < fetches <= 60, asked
            await producer.send_and_wait(QUESTIONS.name, b"second")
            assert (await asyncio.wait_for(waiting, 30)).value == b"second"
