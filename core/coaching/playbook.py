"""The playbook: which coaching actions there are, and what an administrator changed about them.

The shipped actions are rows in `playbook/<stage>.toml`, in the order a branch needs them. Stored
changes are dated; of two changes to one field the later one wins, and a change never reaches back.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from core.facts import Badge, StaffRole, Stage
from core.language import Language

PLAYBOOK_FOLDER = Path(__file__).parent / "playbook"
USUAL_PAUSE_DAYS = 28
"""No action comes back within four weeks unless its row says otherwise (our assumption)."""


class Party(StrEnum):
    """Whoever leads, supports or receives an action: bank posts first, then the insurer's, then others."""

    BRANCH_HEAD = "branch_head"
    RETAIL_HEAD = "retail_head"
    WEALTH_MANAGER = "wealth_manager"
    ACCOUNT_MANAGER = "account_manager"
    TELLER = "teller"
    LOBBY_MANAGER = "lobby_manager"
    SUB_BRANCH = "sub_branch"
    BANK_PROVINCIAL_BRANCH = "bank_provincial_branch"
    CHANNEL_MANAGER = "channel_manager"
    CHANNEL_SUPERVISOR = "channel_supervisor"
    TEAM_LEAD = "team_lead"
    TRAINER = "trainer"
    BACK_OFFICE = "back_office"
    COMPLIANCE_OFFICER = "compliance_officer"
    COMPANY_LEADER = "company_leader"
    PROVINCIAL_COMPANY = "provincial_company"
    EXTERNAL_EXPERT = "external_expert"
    CUSTOMERS = "customers"


BANK_POSTS = {Party(role.value): role for role in StaffRole}
BANK_PARTIES = frozenset(BANK_POSTS) | {Party.SUB_BRANCH, Party.BANK_PROVINCIAL_BRANCH}


class CoachingMethod(StrEnum):
    """How an action is carried out."""

    ONE_ON_ONE = "one_on_one"
    MORNING_MEETING = "morning_meeting"
    EVENING_MEETING = "evening_meeting"
    MEETING = "meeting"
    VISIT = "visit"
    ROLE_PLAY = "role_play"
    PASS_TEST = "pass_test"  # noqa: S105  # a coaching method, not a credential
    DRILL = "drill"
    DEMONSTRATION = "demonstration"
    WORKSHOP = "workshop"
    BUDDY = "buddy"
    PEER_SHARING = "peer_sharing"
    HEART_TALK = "heart_talk"
    RECOGNITION = "recognition"
    REVIEW = "review"
    PLANNING = "planning"
    SURVEY = "survey"
    OBSERVATION = "observation"
    EVENT = "event"
    SERVICE = "service"


class ComplianceClass(StrEnum):
    """What the rules ask of an action."""

    INSURER_ONLY = "insurer_only"
    BANK_STAFF_COACHING = "bank_staff_coaching"
    BANK_SERVES_CUSTOMERS = "bank_serves_customers"
    BANK_RECOGNITION = "bank_recognition"


class Driver(StrEnum):
    """Which of the two drivers of the channel an action belongs to: inside the team, outside with customers."""

    INTERNAL = "internal"
    EXTERNAL = "external"


class ProcessStep(StrEnum):
    """Which step of the channel's process an action carries out."""

    SURVEY = "survey"
    RELATIONS = "relations"
    COACHING = "coaching"
    CUSTOMER_OPS = "customer_ops"
    PROMOTION = "promotion"
    PROJECT = "project"
    EVALUATION = "evaluation"


@dataclass(frozen=True)
class Action:
    """One coaching action.

    `stages` are those where it is a basic step, `badges` the warnings it answers in any stage,
    `gap_roles` the roles whose missing contacts it answers. `with_whom` empty = the insurer's own
    work. `pause_days` None = once in each stay in a stage. `from_week` counts weeks in the stage.
    `number` is the place in the playbook. `version` counts the changes stored so far, those to come included.
    """

    key: str
    code: str
    number: int
    title_en: str
    title_zh: str
    steps_en: tuple[str, ...]
    steps_zh: tuple[str, ...]
    stages: tuple[Stage, ...]
    badges: tuple[Badge, ...]
    needs_badge: bool
    causes: tuple[str, ...]
    gap_roles: tuple[StaffRole, ...]
    who: tuple[Party, ...]
    supported_by: tuple[Party, ...]
    with_whom: tuple[Party, ...]
    method: CoachingMethod
    minutes: int
    rhythm_en: str
    rhythm_zh: str
    materials_en: str
    materials_zh: str
    measure_en: str
    measure_zh: str
    pause_days: int | None
    from_week: int
    compliance: ComplianceClass
    driver: Driver
    step: ProcessStep
    valid_from: date
    source_en: str
    source_zh: str
    is_off: bool = False
    changed_from: date | None = None
    version: int = 0

    def title(self, language: Language) -> str:
        """Return the title in the language."""
        return self.title_zh if language == "zh" else self.title_en

    def steps(self, language: Language) -> tuple[str, ...]:
        """Return the steps in the language."""
        return self.steps_zh if language == "zh" else self.steps_en

    def rhythm(self, language: Language) -> str:
        """Return how often, in the language."""
        return self.rhythm_zh if language == "zh" else self.rhythm_en

    def materials(self, language: Language) -> str:
        """Return the materials in the language."""
        return self.materials_zh if language == "zh" else self.materials_en

    def measure(self, language: Language) -> str:
        """Return how success is measured, in the language."""
        return self.measure_zh if language == "zh" else self.measure_en

    def source(self, language: Language) -> str:
        """Return where the action comes from, in the language; a stored change keeps its own words."""
        return self.source_zh if language == "zh" else self.source_en

    @property
    def bank_roles(self) -> tuple[StaffRole, ...]:
        """Posts of which at least one must be filled for the action to make sense; empty = none."""
        people = self.with_whom if Party.CUSTOMERS not in self.with_whom else self.who
        return tuple(BANK_POSTS[party] for party in people if party in BANK_POSTS)

    @property
    def needs_proof(self) -> bool:
        """Tell whether it is done only with a contact that shows it; the insurer's own paperwork meets nobody."""
        return bool(self.with_whom)


@dataclass(frozen=True)
class PlaybookChange:
    """An administrator's dated change to one action; `changes` holds only what differs."""

    action_key: str
    valid_from: date
    changes: Mapping[str, Any]
    source: str
    version: int = 1


CHANGEABLE_TEXTS = ("title_en", "title_zh", "measure_en", "measure_zh")
CHANGEABLE_STEPS = ("steps_en", "steps_zh")
CHANGEABLE = (*CHANGEABLE_TEXTS, *CHANGEABLE_STEPS, "pause_days", "is_off")
"""What a stored change may hold; who meets whom and the compliance class stay as shipped."""


@cache
def shipped_playbook() -> tuple[Action, ...]:
    """Return the actions as shipped, by stage and place within it.

    Raises:
        ValueError: a row lacks a field or has one nobody knows; the message names file and row.
    """
    actions: list[Action] = []
    for stage in Stage:
        path = PLAYBOOK_FOLDER / f"{stage.value}.toml"
        sheet = tomllib.loads(path.read_text(encoding="utf-8"))
        for row in sheet["action"]:
            try:
                actions.append(_action(row, number=len(actions), valid_from=sheet["valid_from"]))
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path.name}, action {row.get('key', '?')}: {error}") from error
    return tuple(actions)


def _action(row: dict[str, Any], *, number: int, valid_from: date) -> Action:
    unknown = row.keys() - {field.name for field in fields(Action)} - {"once_a_stay", "not_again_days"}
    if unknown:
        raise ValueError(f"unknown field {sorted(unknown)[0]!r}")
    words = {
        name: row[name]
        for name in (
            "key", "code", "title_en", "title_zh", "rhythm_en", "rhythm_zh", "materials_en", "materials_zh",
            "measure_en", "measure_zh", "minutes", "source_en", "source_zh",
        )
    }  # fmt: skip
    return Action(
        **words,
        number=number,
        steps_en=tuple(row["steps_en"]),
        steps_zh=tuple(row["steps_zh"]),
        stages=tuple(Stage(word) for word in row["stages"]),
        badges=tuple(Badge(word) for word in row.get("badges", ())),
        needs_badge=row.get("needs_badge", False),
        causes=tuple(row["causes"]),
        gap_roles=tuple(StaffRole(word) for word in row.get("gap_roles", ())),
        who=tuple(Party(word) for word in row["who"]),
        supported_by=tuple(Party(word) for word in row.get("supported_by", ())),
        with_whom=tuple(Party(word) for word in row["with_whom"]),
        method=CoachingMethod(row["method"]),
        pause_days=None if row.get("once_a_stay") else row.get("not_again_days", USUAL_PAUSE_DAYS),
        from_week=row.get("from_week", 0),
        compliance=ComplianceClass(row["compliance"]),
        driver=Driver(row["driver"]),
        step=ProcessStep(row["step"]),
        valid_from=valid_from,
    )


def playbook_on(changes: Iterable[PlaybookChange], *, as_of: date) -> tuple[Action, ...]:
    """Return the playbook as it runs on a day: shipped rows with the changes in force over them."""
    by_key: dict[str, list[PlaybookChange]] = {}
    versions: dict[str, int] = {}
    for change in sorted(changes, key=lambda one: one.valid_from):
        versions[change.action_key] = versions.get(change.action_key, 0) + change.version
        if change.valid_from <= as_of:
            by_key.setdefault(change.action_key, []).append(change)
    return tuple(
        replace(_changed(action, by_key.get(action.key, [])), version=versions.get(action.key, 0))
        for action in shipped_playbook()
    )


def _changed(action: Action, changes: list[PlaybookChange]) -> Action:
    for change in changes:
        kept = {name: value for name, value in change.changes.items() if name in CHANGEABLE}
        kept |= {name: tuple(kept[name]) for name in CHANGEABLE_STEPS if name in kept}
        action = replace(
            action, **kept, changed_from=change.valid_from, source_en=change.source, source_zh=change.source
        )
    return action


def find_action(playbook: Iterable[Action], key: str) -> Action | None:
    """Return the action of that key, None where the playbook has none."""
    return next((action for action in playbook if action.key == key), None)
