"""The figures of a hotspot as plain lines, in English or Chinese: how many, how fast, where, in what mood."""

from streams.contracts.outputs import Alert

_MOODS = {"negative": "负面", "neutral": "中性", "positive": "正面"}


def figures_of(alert: Alert, lang: str, expired: int) -> tuple[str, ...]:
    """Return the lines; they state what was counted and no post's claims. `expired` posts could not be read."""
    why = alert.why
    platforms = ", ".join(f"{name} {share:.0%}" for name, share in _largest(why.platforms))
    languages = ", ".join(f"{name} {share:.0%}" for name, share in _largest(why.languages))
    if lang == "zh":
        lines = [
            f"{why.scale_min} 分钟内 {why.observed} 位作者提到，平时约 {_usual(why.expected)} 位。",
            f"开始于 {alert.started_at}；最近一小时共 {why.distinct_authors} 位作者。",
            f"平台：{platforms}；语言：{languages}。",
        ]
        if why.sentiment:
            mood = "，".join(f"{_MOODS.get(k, k)} {v:.0%}" for k, v in sorted(why.sentiment.items()))
            lines.append(f"情绪：{mood}。")
        if expired:
            lines.append(f"{len(set(alert.evidence))} 条证据中有 {expired} 条已无法从日志读回。")
        return tuple(lines)
    lines = [
        f"{why.observed} authors within {why.scale_min} min, where {_usual(why.expected)} are usual.",
        f"Began at {alert.started_at}; {why.distinct_authors} authors in the last hour.",
        f"Platforms: {platforms}; languages: {languages}.",
    ]
    if why.sentiment:
        lines.append(f"Mood: {', '.join(f'{k} {v:.0%}' for k, v in sorted(why.sentiment.items()))}.")
    if expired:
        lines.append(f"{expired} of {len(set(alert.evidence))} evidence posts could no longer be read from the log.")
    return tuple(lines)


def _usual(expected: float) -> str:
    return f"{expected:.1f}" if expected >= 0.1 else f"{expected:.2f}" if expected >= 0.01 else "<0.01"


def _largest(shares: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(shares.items(), key=lambda item: (-item[1], item[0]))[:3]
