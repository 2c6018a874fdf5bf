"""What was counted, as plain lines in English or Chinese: how many, how fast, where, in what mood, and what changed."""

from collections.abc import Sequence
from typing import Final

from streams.contracts.outputs import Brief, Hotspot, Sentence

MOODS: Final = {"negative": "负面", "neutral": "中性", "positive": "正面"}
STAGES: Final = {"emerging": "出现", "rising": "上升", "peaking": "高峰", "fading": "消退", "closed": "结束"}
_MOOD_TURN: Final = 0.1
"""Change of a mood's share that is worth a line."""
_NEW_SHOWN: Final = 2


def figures_of(hotspot: Hotspot, lang: str, expired: int) -> tuple[str, ...]:
    """Return the lines; they state what was counted and no post's claims. `expired` posts could not be read."""
    why = hotspot.why
    platforms = ", ".join(f"{name} {share:.0%}" for name, share in _largest(why.platforms))
    languages = ", ".join(f"{name} {share:.0%}" for name, share in _largest(why.languages))
    evidence = len(set(hotspot.evidence))
    if lang == "zh":
        lines = [
            f"{why.scale_min} 分钟内 {why.observed} 位作者提到，平时约 {_usual(why.expected)} 位。",
            f"开始于 {hotspot.started_at}；最近一小时 {why.distinct_authors} 位作者，最多 {hotspot.peak_authors} 位。",
        ]
        if platforms:
            lines.append(f"平台：{platforms}；语言：{languages}。")
        if why.sentiment:
            mood = "，".join(f"{MOODS.get(k, k)} {v:.0%}" for k, v in sorted(why.sentiment.items()))
            lines.append(f"情绪：{mood}。")
        if expired:
            lines.append(f"{evidence} 条证据中有 {expired} 条已无法从日志读回。")
        return tuple(lines)
    lines = [
        f"{why.observed} authors within {why.scale_min} min, where {_usual(why.expected)} are usual.",
        f"Began at {hotspot.started_at}; {why.distinct_authors} authors last hour, at most {hotspot.peak_authors}.",
    ]
    if platforms:
        lines.append(f"Platforms: {platforms}; languages: {languages}.")
    if why.sentiment:
        lines.append(f"Mood: {', '.join(f'{k} {v:.0%}' for k, v in sorted(why.sentiment.items()))}.")
    if expired:
        lines.append(f"{expired} of {evidence} evidence posts could no longer be read from the log.")
    return tuple(lines)


def changes_of(hotspot: Hotspot, sentences: Sequence[Sentence], lang: str, previous: Brief | None) -> tuple[str, ...]:
    """Return what is new since the brief before: stage, size, mood, what is said now; nothing for a first one."""
    if previous is None:
        return ()
    zh = lang == "zh"
    lines = []
    if hotspot.stage != previous.stage:
        before, now = previous.stage, hotspot.stage
        lines.append(f"阶段：{STAGES[before]} → {STAGES[now]}。" if zh else f"Stage: {before} → {now}.")
    authors = hotspot.why.distinct_authors
    if authors != previous.authors:
        lines.append(
            f"最近一小时的作者：{previous.authors} → {authors} 位。"
            if zh
            else f"Authors in the last hour: {previous.authors} → {authors}."
        )
    before_mood, mood = previous.mood or {}, hotspot.why.sentiment or {}
    for name in sorted(mood.keys() & before_mood.keys()):
        if abs(mood[name] - before_mood[name]) >= _MOOD_TURN:
            label = MOODS.get(name, name) if zh else name.capitalize()
            lines.append(
                f"{label}{'：' if zh else ': '}{before_mood[name]:.0%} → {mood[name]:.0%}{'。' if zh else '.'}"
            )
    told = {previous.headline.rstrip(".。!！"), *(sentence.text.rstrip(".。!！") for sentence in previous.sentences)}
    new = [sentence.text for sentence in sentences if sentence.text.rstrip(".。!！") not in told]
    lines += [f"新消息：{text}" if zh else f"New: {text}" for text in new[:_NEW_SHOWN]]
    return tuple(lines)


def _usual(expected: float) -> str:
    return f"{expected:.1f}" if expected >= 0.1 else f"{expected:.2f}" if expected >= 0.01 else "<0.01"


def _largest(shares: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(shares.items(), key=lambda item: (-item[1], item[0]))[:3]
