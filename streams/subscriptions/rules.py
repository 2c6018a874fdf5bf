"""Whether an alert is what a subscriber asked for, and whether a rule can be meant at all."""

from collections.abc import Collection
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from streams.contracts.outputs import STAGES, Alert
from streams.contracts.subscriptions import Rule
from streams.contracts.terms import shown
from streams.contracts.watchlists import WatchAlert
from streams.subscriptions.quiet import span_of

_MAX_WORDS = 200
_MAX_MINUTES = 7 * 24 * 60


class RuleError(ValueError):
    """A rule cannot be meant; the text says what is allowed."""


def check_rule(rule: Rule) -> None:
    """Refuse a rule that could never match, or not be kept.

    Raises:
        RuleError: see there.
    """
    for stage in rule.stages:
        if stage not in STAGES:
            raise RuleError(f"there is no stage {stage}; there are {', '.join(STAGES)}")
    if not 0 <= rule.min_credibility <= 1:
        raise RuleError(f"credibility lies between 0 and 1, not {rule.min_credibility}")
    spans = {"digest": rule.digest_min, "cooldown": rule.cooldown_min, "wait before escalating": rule.escalate_min}
    for name, minutes in spans.items():
        if not 0 <= minutes <= _MAX_MINUTES:
            raise RuleError(f"a {name} of {minutes} minutes is out of range; at most a week, {_MAX_MINUTES}")
    if max(map(len, (rule.terms, rule.platforms, rule.languages, rule.watchlists))) > _MAX_WORDS:
        raise RuleError(f"at most {_MAX_WORDS} terms, platforms, languages or watchlists")
    try:
        ZoneInfo(rule.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RuleError(f"there is no time zone {rule.zone}; a zone is like Europe/Rome or Asia/Shanghai") from None
    if rule.quiet:
        try:
            span_of(rule.quiet)
        except ValueError as error:
            raise RuleError(str(error)) from None


def wants(rule: Rule, alert: Alert, watchlists: Collection[str] = ()) -> bool:
    """Say whether an alert is what a rule asks for; `watchlists` are those that the alert's story is for."""
    if alert.simulated and not rule.simulated:
        return False
    if rule.stages and alert.stage not in rule.stages:
        return False
    if alert.rank < rule.min_rank or alert.credibility < rule.min_credibility:
        return False
    if rule.languages and not set(rule.languages) & alert.why.languages.keys():
        return False
    if rule.platforms and not set(rule.platforms) & alert.why.platforms.keys():
        return False
    if rule.watchlists and not set(rule.watchlists) & set(watchlists):
        return False
    if not rule.terms:
        return True
    said = [shown(term).casefold() for term in alert.terms]
    return any(word.casefold() in term for word in rule.terms for term in said)


def wants_mood(rule: Rule, turned: WatchAlert) -> bool:
    """Say whether a rule asks for a turn of a watchlist's mood: its other conditions are about hotspots."""
    return turned.name in rule.watchlists
