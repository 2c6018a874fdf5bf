"""What people ask an official account is answered by WeChat, with the call or later, and nobody is told twice."""

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from prometheus_client import REGISTRY

from agents.adapters.addresses import networks_of
from agents.adapters.sources import wechat
from agents.adapters.sources.fetching import Web
from agents.adapters.sources.source import Refused, Source
from agents.adapters.sources.wechat_service import Service
from agents.settings import Settings
from streams.contracts.topics import ANSWERS, QUESTIONS
from tests.sources.conftest import running, until, written
from tests.sources.platform import WaitingClock
from tests.sources.servers.pushing import APP_ID, WECHAT_TOKEN, Tencent
from tests.sources.servers.wechat_api import APP_SECRET, WeChatApi

pytestmark = pytest.mark.sources


class Account(Tencent):
    """An account whose questions are answered."""

    bootstrap = ""
    asking: wechat.Asking = "all"
    secret = APP_SECRET

    def __init__(self, folder: Path, api: WeChatApi) -> None:
        super().__init__(folder)
        self.api = api

    def open(self, clock: WaitingClock) -> Source:
        source = super().open(clock)
        assert isinstance(source, wechat.WeChat)
        there = f"http://127.0.0.1:{self.api.port}"
        service = Service(APP_ID, self.secret, clock=clock, web=Web(networks_of("")), endpoint=there)
        source.answer(self.asking, service, Settings(bootstrap=self.bootstrap))
        return source

    async def say(self, number: str, text: str) -> tuple[int, str]:
        """Hand on a message; return what Redian answers the call."""
        body, query = self.call(self.sealed(self.message(number, text, int(time.time()))))
        return await self.send(body, query=query)

    def opened_reply(self, body: str) -> dict[str, str]:
        """Return the fields of an encrypted reply, its signature checked as the platform checks it."""
        outer = {child.tag: child.text or "" for child in fromstring(body)}
        parts = sorted([WECHAT_TOKEN, outer["TimeStamp"], outer["Nonce"], outer["Encrypt"]])
        assert hashlib.sha1("".join(parts).encode()).hexdigest() == outer["MsgSignature"]
        decryptor = Cipher(algorithms.AES(bytes(range(32))), modes.CBC(bytes(range(16)))).decryptor()
        plain = decryptor.update(base64.b64decode(outer["Encrypt"])) + decryptor.finalize()
        length = int.from_bytes(plain[16:20], "big")
        assert plain[20 + length : -plain[-1]].decode() == APP_ID
        return {child.tag: child.text or "" for child in fromstring(plain[20 : 20 + length])}


class Worker:
    """Whoever answers: reads `questions` from now on, and answers when a test says so."""

    def __init__(self, bootstrap: str) -> None:
        self._consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
        self._producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
        self.asked: list[dict[str, str]] = []

    async def start(self) -> None:
        await self._producer.start()
        await self._consumer.start()
        place = TopicPartition(QUESTIONS.name, 0)
        self._consumer.assign([place])
        await self._consumer.seek_to_end(place)
        await self._consumer.position(place)

    async def stop(self) -> None:
        await self._consumer.stop()
        await self._producer.stop()

    async def question(self) -> dict[str, str]:
        """Return the next question."""
        async with asyncio.timeout(20):
            found: dict[str, str] = json.loads((await self._consumer.getone()).value)
        self.asked.append(found)
        return found

    async def answer(self, question: dict[str, str], text: str) -> None:
        """Answer a question."""
        answer = {"question_id": question["id"], "status": "answered", "text": text, "lang": "zh", "sureness": 0.9}
        value = json.dumps({**answer, "conversation": question["conversation"]}).encode()
        await self._producer.send_and_wait(ANSWERS.name, value, question["id"].encode(), partition=0)


@pytest.fixture
def clock() -> WaitingClock:
    """A clock on which waiting takes no time."""
    return WaitingClock()


@pytest.fixture
async def api() -> AsyncIterator[WeChatApi]:
    """The API of the account."""
    made = WeChatApi(APP_ID)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def account(broker: str, tmp_path: Path, api: WeChatApi) -> AsyncIterator[Account]:
    """The account."""
    made = Account(tmp_path, api)
    made.bootstrap = broker
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def worker(broker: str) -> AsyncIterator[Worker]:
    """A worker."""
    made = Worker(broker)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is ever there in time for the call."""
    monkeypatch.setattr(wechat, "CALL_S", 0.0)


def _replies(source: str, way: str) -> float:
    return REGISTRY.get_sample_value("redian_source_replies_total", {"source": source, "way": way}) or 0.0


async def test_an_answer_that_is_there_in_time_goes_with_the_call_and_only_there(
    broker: str, account: Account, worker: Worker, clock: WaitingClock
) -> None:
    source = account.source(clock)
    async with running(broker, source, clock):
        await until(account.ready)
        saying = asyncio.create_task(account.say("71", "展厅几点开门？"))
        question = await worker.question()
        assert question == {**question, "text": "展厅几点开门？", "conversation": f"{source.name}:oAnn"}
        await worker.answer(question, "早上九点 <开门> & 周一休息\0")
        status, body = await saying
        assert status == 200
        said = account.opened_reply(body)
        assert (said["ToUserName"], said["FromUserName"], said["MsgType"]) == ("oAnn", "gh", "text")
        assert said["Content"] == "早上九点 <开门> & 周一休息"
        # WeChat calls again when it is unsure: neither another question nor another reply.
        assert await account.say("71", "展厅几点开门？") == (200, "success")
        # Answers are read in order: once this one is told, nothing is left of the one before.
        saying = asyncio.create_task(account.say("72", "在哪里？"))
        await worker.answer(await worker.question(), "南门")
        assert account.opened_reply((await saying)[1])["Content"] == "南门"
    assert [question["text"] for question in worker.asked] == ["展厅几点开门？", "在哪里？"]
    assert account.api.told == []
    assert written(broker, source.name).ids == ["71", "72"]
    assert _replies(source.name, "call") == 2


@pytest.mark.usefixtures("late")
async def test_a_later_answer_is_a_customer_service_message_once_also_after_a_restart(
    broker: str, account: Account, worker: Worker, clock: WaitingClock
) -> None:
    source = account.source(clock)
    async with running(broker, source, clock):
        await until(account.ready)
        assert await account.say("81", "几点开门？") == (200, "success")
        first = await worker.question()
        await worker.answer(first, "九点")
        await until(lambda: len(account.api.told) == 1)
        assert await account.say("82", "在哪里？") == (200, "success")
        second = await worker.question()
    await worker.answer(first, "九点")  # a worker that was killed answers again
    await worker.answer(second, "南" * 2000)  # while no source runs
    async with running(broker, account.source(clock), clock):
        await until(lambda: len(account.api.told) == 2)
        assert account.opened.door.port
        assert await account.say("81", "几点开门？") == (200, "success")
        assert await account.say("83", "多少钱？") == (200, "success")
        await worker.answer(await worker.question(), "免费")
        await until(lambda: len(account.api.told) == 3)
    assert account.api.told == [("oAnn", "九点"), ("oAnn", "南" * 681 + "…"), ("oAnn", "免费")]
    assert [question["text"] for question in worker.asked] == ["几点开门？", "在哪里？", "多少钱？"]


@pytest.mark.usefixtures("late")
async def test_limits_and_ended_tokens_are_waited_out_and_the_reply_comes_once(
    broker: str, account: Account, worker: Worker, clock: WaitingClock
) -> None:
    source = account.source(clock)
    async with running(broker, source, clock):
        await until(account.ready)
        account.api.codes = [45009, 45011, -1, 42001]
        await account.say("91", "几点？")
        await worker.answer(await worker.question(), "九点")
        await until(lambda: len(account.api.told) == 1)
        await until(lambda: _replies(source.name, "message") == 1)
    assert account.api.told == [("oAnn", "九点")]
    assert {3600.0, 60.0, 2.0, 1.0} <= set(clock.waits)
    assert account.api.tokens >= 2


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("reply", [(45015, 0), (45047, 0), ("drop", 1)])
async def test_what_is_not_taken_or_unknown_is_not_tried_again_and_holds_up_nobody(
    broker: str, account: Account, worker: Worker, clock: WaitingClock, reply: tuple[int | str, int]
) -> None:
    source = account.source(clock)
    async with running(broker, source, clock):
        await until(account.ready)
        account.api.codes = [reply[0]]
        await account.say("101", "几点？")
        await worker.answer(await worker.question(), "九点")
        await until(lambda: _replies(source.name, "lost") == 1)
        await account.say("102", "在哪里？")
        await worker.answer(await worker.question(), "南门")
        await until(lambda: ("oAnn", "南门") in account.api.told)
    assert len(account.api.told) == reply[1] + 1


@pytest.mark.usefixtures("late")
async def test_only_what_asks_is_a_question_where_the_operator_says_so(
    broker: str, account: Account, worker: Worker, clock: WaitingClock
) -> None:
    account.asking = "questions"
    source = account.source(clock)
    async with running(broker, source, clock):
        await until(account.ready)
        assert await account.say("111", "谢谢！") == (200, "success")
        assert await account.say("112", "可以退票吗") == (200, "success")
        assert (await worker.question())["text"] == "可以退票吗"
    assert written(broker, source.name).ids == ["111", "112"]


async def test_a_wrong_secret_is_told_at_the_start(account: Account, clock: WaitingClock) -> None:
    account.secret = "a-wrong-secret-of-these-tests"
    with pytest.raises(Refused, match="the secret is wrong") as refused:
        await anext(account.source(clock).batches(None))
    assert account.secret not in str(refused.value)
