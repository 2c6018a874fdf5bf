"""Traces: what is spanned, linked and carried; nothing without an address, nothing that harms with a broken one."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agents.adapters.tracing import LINKS, REMEMBERED, TracedSlices, Traces, make_traces, origin_of, told_slices
from agents.settings import Settings
from tests.agents.collectors import Collector, attributes_of, collecting

ORIGIN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@contextmanager
def tracing(share: float = 1.0) -> Iterator[tuple[Traces, Collector]]:
    with collecting() as collector:
        traces = make_traces(Settings(traces=collector.url, trace_share=share))
        try:
            yield traces, collector
        finally:
            traces.close()


def test_without_an_address_nothing_is_loaded_made_or_carried() -> None:
    traces = make_traces(Settings())
    with traces.message([("traceparent", ORIGIN.encode())]), traces.of_slice([ORIGIN]) as carried:
        assert carried == []
        with traces.step("count") as further, traces.of_alert([]) as alert:
            assert further == alert == []
    traces.note(outcome="x")
    traces.close()
    code = "import sys, agents.posts, agents.adapters.tracing; sys.exit('opentelemetry' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_message_carries_its_trace_on() -> None:
    with tracing() as (traces, collector):
        with traces.of_slice([], partition=3) as carried:
            pass
        with traces.message(carried), traces.step("count", shard=1) as further:
            traces.note(records=2)
        with traces.message([]), traces.step("count") as nothing:
            assert nothing == []
        traces.close()
        (first,), (second,) = collector.named("slice"), collector.named("count")
        assert second.trace_id == first.trace_id
        assert second.parent_span_id == first.span_id
        assert attributes_of(second) == {"shard": 1, "records": 2}
        assert collector.services == {"redian"}
        ((name, value),) = further
        version, trace, span, flags = value.decode().split("-")
        assert (name, version, trace, span) == ("traceparent", "00", second.trace_id.hex(), second.span_id.hex())
        assert int(flags, 16) & 1, "recorded"


def test_slices_are_a_sample_and_those_whose_posts_are_traced() -> None:
    with tracing(share=0.0) as (traces, collector):
        for _ in range(20):
            with traces.of_slice([]) as carried:
                assert carried == []
        with traces.of_slice([ORIGIN] * 100):
            pass
        traces.close()
        (span,) = collector.spans
        assert len(span.links) == LINKS
        assert span.links[0].trace_id.hex() in ORIGIN


@pytest.mark.parametrize(
    "text", [b"", b"\xff", b"00-0-0-01", ORIGIN[:-1].encode() + b"0", b"00-" + b"0" * 32 + b"-1-01"]
)
def test_a_header_that_is_none_or_was_not_recorded_begins_nothing(text: bytes) -> None:
    assert origin_of({"traceparent": text}) is None
    with tracing() as (traces, collector):
        with traces.message({"traceparent": text, "redian-slices": text}), traces.step("count"):
            TracedSlices().keep_received()
        traces.close()
        assert not collector.spans


def test_an_alert_links_to_the_slices_that_its_evidence_came_from() -> None:
    with tracing() as (traces, collector):
        at_the_shard, at_the_stories = TracedSlices(), TracedSlices()
        for number in range(4):
            with traces.of_slice([], number=number) as carried:
                pass
            with traces.message(carried):
                at_the_shard.keep_current(0, number * 10, number * 10 + 10)
        with traces.message(told_slices(at_the_shard.of([(0, 5), (0, 17), (0, 19), (1, 5), (0, 99)]))):
            at_the_stories.keep_received()
        with traces.of_alert(at_the_stories.of([(0, 11), (0, 4), (0, 25)]), hotspot="h"):
            pass
        traces.close()
        slices = {span.span_id: attributes_of(span)["number"] for span in collector.named("slice")}
        (alert,) = collector.named("alert")
        assert sorted(slices[link.span_id] for link in alert.links) == [0, 1]
        assert alert.trace_id not in {span.trace_id for span in collector.named("slice")}


def test_what_is_remembered_is_bounded() -> None:
    with tracing() as (traces, _):
        held = TracedSlices()
        with traces.of_slice([]) as carried, traces.message(carried):
            for number in range(REMEMBERED + 50):
                held.keep_current(0, number, number + 1)
        assert not held.of([(0, 49)])
        assert len(held.of((0, number) for number in range(REMEMBERED + 50))) == LINKS


def test_a_collector_that_fails_harms_nobody() -> None:
    with tracing() as (traces, collector):
        collector.status = 400
        with traces.of_slice([]) as carried:
            assert carried
