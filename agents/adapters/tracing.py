"""Traces from a post to whoever is told of it (OpenTelemetry), by W3C headers of the messages. Off without an address.

A slice is one span: it links to the traces that its posts brought along, and its parts carry it on to the shards. An
alert begins a trace of its own, which goes on to briefs and subscribers: it links to the slices that its evidence came
from, as far as those were traced and are not forgotten. Attributes say places, numbers and ids, never what posts say.
"""

import logging
import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

import msgspec

from agents.errors import SettingsError
from streams.contracts.decoding import json_decoder

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Link

    from agents.settings import Settings

log = logging.getLogger(__name__)

Headers = list[tuple[str, bytes]]
Given = Mapping[str, bytes] | Iterable[tuple[str, bytes]] | None

TRACEPARENT: Final = "traceparent"
SLICES: Final = "redian-slices"
"""Header of a bucket's record: the traced slices that its evidence came from."""
LINKS: Final = 32
"""Links of a span at most."""
REMEMBERED: Final = 1024
"""Traced slices of a partition that are remembered: evidence is of the last hour."""
EXPORT_S: Final = 3.0
_SLICES_KEY: Final = "redian.slices"
_NOTHING: Final[AbstractContextManager[Headers]] = nullcontext([])


class TracedSlice(msgspec.Struct, frozen=True, order=True):
    """Positions [start, end) of a partition, and the trace that read them."""

    partition: int
    start: int
    end: int
    traceparent: str


_SLICES: Final = json_decoder(list[TracedSlice])


class Traces:
    """Makes spans, or nothing at the price of a comparison.

    Args:
        provider: of OpenTelemetry; None: off.
        share: of slices that are traced although none of their posts brings a trace along.
    """

    def __init__(self, provider: "TracerProvider | None" = None, share: float = 0.0) -> None:
        self._provider = provider
        self._tracer: Any = None if provider is None else provider.get_tracer("redian")
        self._share = share
        self.on = provider is not None

    def message(self, headers: Given) -> AbstractContextManager[Any]:
        """Have what is done inside follow a message, if that is traced."""
        if not self.on or not headers:
            return _NOTHING
        return _following(dict(headers))

    def of_slice(self, origins: Sequence[str], **attributes: int) -> AbstractContextManager[Headers]:
        """Begin the span of a slice whose posts brought `origins` along, or not: it is a matter of chance."""
        if not self.on or not (origins or random.random() < self._share):  # noqa: S311 - a sample, no secret
            return _NOTHING
        return self._span("slice", origins, attributes, root=True)

    def of_alert(self, slices: Iterable[TracedSlice], **attributes: str) -> AbstractContextManager[Headers]:
        """Begin the trace of an alert, whatever the share."""
        if not self.on:
            return _NOTHING
        return self._span("alert", [one.traceparent for one in slices], attributes, root=True)

    def step(self, name: str, **attributes: str | int) -> AbstractContextManager[Headers]:
        """Span a part of the work on what is traced; yields the headers of messages that come of it."""
        if not self.on or not _is_traced():
            return _NOTHING
        return self._span(name, (), attributes, root=False)

    def note(self, **attributes: str | int) -> None:
        """Add to the span that is under way."""
        if self.on:
            from opentelemetry import trace

            trace.get_current_span().set_attributes(attributes)

    @contextmanager
    def _span(self, name: str, origins: Iterable[str], attributes: Any, *, root: bool) -> Iterator[Headers]:
        from opentelemetry import context

        links = [link for origin in list(origins)[:LINKS] if (link := _link(origin)) is not None]
        under = context.Context() if root else None
        with self._tracer.start_as_current_span(name, under, links=links, attributes=attributes) as span:
            yield [(TRACEPARENT, _traceparent(span.get_span_context()).encode())]

    def close(self) -> None:
        """Send what waits, for a moment at most."""
        if self._provider is not None:
            self._provider.force_flush(int(EXPORT_S * 1000))
            self._provider.shutdown()


def make_traces(settings: "Settings") -> Traces:
    """Return the traces that the settings ask for.

    Raises:
        SettingsError: OpenTelemetry is not installed.
    """
    if settings.traces is None:
        return Traces()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise SettingsError(
            "REDIAN_TRACES asks for traces, and OpenTelemetry is not installed; run: pip install 'redian[otel]'"
        ) from None
    exporter = OTLPSpanExporter(endpoint=f"{settings.traces.rstrip('/')}/v1/traces", timeout=EXPORT_S)
    provider = TracerProvider(resource=Resource.create({"service.name": settings.app_id}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    log.info("traces go to %s, %g of all slices", settings.traces, settings.trace_share)
    return Traces(provider, settings.trace_share)


def origin_of(headers: Mapping[str, bytes]) -> str | None:
    """Return the trace that a post's message brings along, if its sender has it recorded."""
    text = headers.get(TRACEPARENT, b"").decode("ascii", "replace")
    return text if _link(text) is not None else None


class TracedSlices:
    """The traced slices of late, and which of them a post comes from."""

    def __init__(self) -> None:
        self._held: dict[int, list[TracedSlice]] = {}

    def keep_current(self, partition: int, start: int, end: int) -> None:
        """Remember the slice under way, if it is traced."""
        from opentelemetry import trace

        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            self._keep(TracedSlice(partition, start, end, _traceparent(context)))

    def keep_received(self) -> None:
        """Remember the slices that the message under way tells of; what cannot be read is passed over."""
        from opentelemetry import context

        header = context.get_value(_SLICES_KEY)
        try:
            told = _SLICES.decode(header if isinstance(header, bytes) else b"[]")
        except msgspec.MsgspecError:
            return
        for one in told[:LINKS]:
            self._keep(one)

    def _keep(self, found: TracedSlice) -> None:
        held = self._held.setdefault(found.partition, [])
        place = bisect_left(held, found)
        if held[place : place + 1] != [found]:
            held.insert(place, found)
        del held[:-REMEMBERED]

    def of(self, places: Iterable[tuple[int, int]]) -> list[TracedSlice]:
        """Return the slices that posts come from, given as (partition, position); at most `LINKS`."""
        found: dict[TracedSlice, None] = {}
        for partition, position in places:
            held = self._held.get(partition, [])
            at = bisect_right(held, position, key=lambda one: one.start) - 1
            if at >= 0 and position < held[at].end:
                found[held[at]] = None
                if len(found) == LINKS:
                    break
        return list(found)


def told_slices(slices: list[TracedSlice]) -> Headers:
    """Return the header that tells of slices."""
    return [(SLICES, msgspec.json.encode(slices))] if slices else []


@contextmanager
def _following(headers: dict[str, bytes]) -> Iterator[None]:
    from opentelemetry import context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier = {TRACEPARENT: headers.get(TRACEPARENT, b"").decode("ascii", "replace")}
    found = TraceContextTextMapPropagator().extract(carrier, context.Context())
    token = context.attach(context.set_value(_SLICES_KEY, headers.get(SLICES), found))
    try:
        yield
    finally:
        context.detach(token)


def _is_traced() -> bool:
    from opentelemetry import trace

    return trace.get_current_span().get_span_context().trace_flags.sampled


def _traceparent(context: Any) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _link(traceparent: str) -> "Link | None":
    from opentelemetry import context, trace
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    found = TraceContextTextMapPropagator().extract({TRACEPARENT: traceparent}, context.Context())
    told = trace.get_current_span(found).get_span_context()
    return trace.Link(told) if told.is_valid and told.trace_flags.sampled else None
