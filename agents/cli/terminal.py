"""Alerts and briefs for the eye: panels in the terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from streams.contracts.outputs import Alert, Brief

STAGE_COLOURS = {"emerging": "cyan", "rising": "red", "peaking": "magenta", "fading": "yellow", "closed": "dim"}
_BLOCKS = " ▁▂▃▄▅▆▇█"
_MOODS = (("negative", "red"), ("neutral", "bright_black"), ("positive", "green"))
_MOOD_WIDTH = 24
_SENTENCES = 4


def alert_panel(alert: Alert) -> Panel:
    """Return an alert: its terms, how many people against how many are usual, their course, their mood."""
    colour = STAGE_COLOURS.get(alert.stage, "white")
    why = alert.why
    people = Text.assemble(
        (f"{why.observed}", f"bold {colour}"),
        f" people within {why.scale_min} min, where ",
        (usual(why.expected), "bold"),
        f" are usual   {shares(why.languages)}",
    )
    lines: list[RenderableType] = [people]
    if any(why.series):
        lines.append(Text.assemble((sparkline(why.series), colour), (" last hour", "dim")))
    if why.sentiment:
        lines.append(mood(why.sentiment))
    if alert.credibility_reasons:
        lines.append(Text("; ".join(alert.credibility_reasons), "dim"))
    title = Text.assemble(
        (f" {alert.stage.upper()} ", f"bold reverse {colour}"), " ", (" · ".join(why.top_terms[:4]), "bold")
    )
    return Panel(
        Group(*lines),
        title=title,
        title_align="left",
        subtitle=_subtitle(alert.emitted_at, alert.simulated, alert.hotspot_id),
        subtitle_align="right",
        border_style=colour,
        padding=(0, 1),
    )


def brief_panel(brief: Brief) -> Panel:
    """Return a brief: its headline, and sentences with the number of posts that say each."""
    lines = [Text(brief.headline, "bold")]
    for sentence in (told for told in brief.sentences[: _SENTENCES + 1] if told.text != brief.headline):
        number = len(sentence.evidence)
        posts = f" {number} post{'s' if number > 1 else ''}"
        lines.append(Text.assemble(("› ", "dim"), sentence.text, (posts, "dim")))
    return Panel(
        Group(*lines),
        title=Text(" brief ", "dim"),
        title_align="left",
        subtitle=_subtitle(brief.emitted_at, brief.simulated, brief.hotspot_id),
        subtitle_align="right",
        border_style="bright_black",
        padding=(0, 1),
    )


def _subtitle(emitted_at: str, simulated: bool, hotspot_id: str) -> Text:
    label = (" simulated ", "black on yellow") if simulated else ""
    return Text.assemble((f" {emitted_at[:16].replace('T', ' ')} UTC  {hotspot_id} ", "dim"), label)


def usual(expected: float) -> str:
    """Return an expectation as people say it."""
    return "fewer than 1" if expected < 1 else f"{expected:.0f}"


def shares(by_name: dict[str, float]) -> str:
    """Return shares as "en 80%  zh 20%"."""
    return "  ".join(f"{name} {share:.0%}" for name, share in list(by_name.items())[:3])


def sparkline(series: Sequence[int]) -> str:
    """Return counts as blocks, the highest a full one."""
    top = max(series, default=0) or 1
    return "".join(_BLOCKS[-(-count * (len(_BLOCKS) - 1) // top)] for count in series)


def mood(sentiment: dict[str, float]) -> Text:
    """Return sentiment as a bar of three colours with its largest part in words."""
    bar = Text()
    for name, colour in _MOODS:
        bar.append("━" * round(sentiment.get(name, 0.0) * _MOOD_WIDTH), colour)
    name = max(sentiment, key=lambda label: sentiment[label])
    return bar.append(f" {sentiment[name]:.0%} {name}", "dim")


def full_brief_panel(brief: Brief) -> Panel:
    """Return everything a brief says; behind each sentence the number of posts that say it."""
    lines: list[RenderableType] = [Text(brief.headline, "bold")]
    lines += [
        Text.assemble(("› ", "dim"), told.text, (f" {len(told.evidence)}", "dim cyan")) for told in brief.sentences
    ]
    for name in ("what", "who", "where", "when"):
        found = getattr(brief, name)
        if found:
            lines.append(Text.assemble((f"{name:<6}", "dim"), "; ".join(mention.text for mention in found)))
    lines += [Text(figure, "dim") for figure in brief.figures]
    if brief.mood:
        lines.append(mood(brief.mood))
    colours = dict(_MOODS)
    for voice in brief.voices:
        lines.append(Text.assemble((f"{voice.side} {voice.share:.0%} ", colours[voice.side]), f"“{voice.text}”"))
    for doubt in brief.unconfirmed:
        lines.append(Text.assemble((f"{doubt.reason} ", "yellow"), doubt.text))
    lines += [Text.assemble(("△ ", "magenta"), change) for change in brief.changes]
    return Panel(
        Group(*lines),
        title=Text(f" {brief.stage.upper()} ", f"bold reverse {STAGE_COLOURS.get(brief.stage, 'white')}"),
        title_align="left",
        subtitle=_subtitle(brief.emitted_at, brief.simulated, brief.hotspot_id),
        subtitle_align="right",
        border_style="bright_black",
        padding=(0, 1),
    )
