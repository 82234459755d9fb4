"""My view beside the facts: where they differ, and three things for this week."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.coaching.playbook import Action
from core.facts import Badge, Stage
from core.language import Language
from core.self_check.rules import NONE, DifferenceRule, Question, SelfCheckRules, self_check_rules

FALLING = frozenset({Stage.ADJUSTMENT})
RISING = frozenset({Stage.GROWTH, Stage.MATURE})
SHARES = frozenset({"show_up_rate", "contact_attainment"})
"""Facts between 0 and 1, told in percent."""


@dataclass(frozen=True)
class BranchRecord:
    """What the records say about a branch; None = not known, and then nothing is held against it.

    `active_sellers` in the last 13 weeks, `events` in the last 4 weeks, `show_up_rate` came of
    confirmed, `contact_attainment` contacts done of due in the last 4 complete weeks, both 0 to 1.
    """

    stage: Stage | None = None
    badges: frozenset[Badge] = frozenset()
    active_sellers: int | None = None
    events: int | None = None
    show_up_rate: float | None = None
    contact_attainment: float | None = None

    def fact(self, name: str) -> float | None:
        """Return a fact by the name the rules give it.

        Raises:
            LookupError: no such fact.
        """
        match name:
            case "is_falling" | "is_rising" if self.stage is None:
                return None
            case "is_falling":
                return float(self.stage in FALLING or Badge.WATCH_DOWN in self.badges)
            case "is_rising":
                return float(self.stage in RISING and Badge.WATCH_DOWN not in self.badges)
            case "active_sellers" | "events" | "show_up_rate" | "contact_attainment":
                value = getattr(self, name)
                return None if value is None else float(value)
        raise LookupError(f"no fact {name!r} about a branch")


@dataclass(frozen=True)
class Difference:
    """An answer that the records contradict, or confirm as trouble."""

    rule: DifferenceRule
    answer: int
    value: float | None

    def sentence(self, language: Language) -> str:
        """Return what it says, with the figure of the records."""
        if self.value is None:
            return self.rule.words.said(language)
        shown = f"{self.value:.0%}" if self.rule.fact in SHARES else f"{self.value:.0f}"
        return self.rule.words.said(language).format(value=shown)


def differences(
    values: Mapping[str, int], record: BranchRecord, rules: SelfCheckRules | None = None
) -> tuple[Difference, ...]:
    """Return where answers and records differ, in the order of the rules."""
    found = []
    for rule in (rules or self_check_rules()).differences:
        answer = values.get(rule.question, NONE)
        if answer == NONE or not _is_between(answer, rule.answer_from, rule.answer_to):
            continue
        value = None if rule.fact is None else record.fact(rule.fact)
        if rule.fact is not None:
            if value is None or not _is_between(value, rule.fact_from, rule.fact_to):
                continue
            if rule.fact_below is not None and value >= rule.fact_below:
                continue
        found.append(Difference(rule, answer, value))
    return tuple(found)


def _is_between(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


@dataclass(frozen=True)
class Thing:
    """One thing for this week: the action to ask for, and the low answer that points to it."""

    action: Action
    question: Question | None


def things(
    values: Mapping[str, int],
    playbook: Iterable[Action],
    *,
    stage: Stage | None,
    rules: SelfCheckRules | None = None,
) -> tuple[Thing, ...]:
    """Return at most three things for the week, the lowest answer first.

    What answers "insurance is no part of our plan" goes before anything else. Each answer offers its
    first action that is in force and not taken yet. What is left over is filled with the first
    actions of the branch's stage, so that a content head gets something to do as well.
    """
    rules = rules or self_check_rules()
    actions = [one for one in playbook if not one.is_off]
    by_code = {one.code: one for one in actions}
    before_all = {rule.question for rule in rules.differences if rule.fact is None}
    low = [one for one in rules.questions if NONE < values.get(one.key, NONE) <= rules.limits.low_answer]
    low.sort(key=lambda one: (one.key not in before_all, values[one.key]))
    chosen: list[Thing] = []
    for question in low:
        offered = (by_code[code] for code in question.actions if code in by_code)
        action = next((one for one in offered if one not in [thing.action for thing in chosen]), None)
        if action is not None:
            chosen.append(Thing(action, question))
    for action in actions:
        is_for_branch = stage in action.stages and bool(action.with_whom) and not action.needs_badge
        if is_for_branch and action not in [thing.action for thing in chosen]:
            chosen.append(Thing(action, None))
    return tuple(chosen[: rules.limits.most_things])
