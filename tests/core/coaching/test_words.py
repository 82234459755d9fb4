from datetime import date

import pytest

from core.coaching.badge_words import BADGE_REASONS, badge_reason
from core.coaching.playbook import CoachingMethod, ComplianceClass, Party
from core.coaching.problems import Problem, ProblemKey
from core.coaching.reason_words import reason_sentence
from core.coaching.words import (
    COMPLIANCE_LABELS,
    KIND_LABELS,
    METHOD_LABELS,
    PARTY_LABELS,
    PLACE_LABELS,
    PROBLEM_SENTENCES,
    compliance_word,
    method_word,
    party_words,
    problem_sentence,
)
from core.facts import Badge, StaffRole, Stage
from core.language import text, translations
from core.language.days import day_word

TABLES = (
    PARTY_LABELS,
    METHOD_LABELS,
    COMPLIANCE_LABELS,
    BADGE_REASONS,
    KIND_LABELS,
    PLACE_LABELS,
    PROBLEM_SENTENCES,
)


@pytest.mark.parametrize("source", sorted({words for table in TABLES for words in table.values()}))
def test_every_word_of_coaching_stands_in_chinese(source):
    assert any("\u4e00" <= sign <= "\u9fff" for sign in translations("zh").gettext(source)) or source.startswith(
        "{place}"
    )


def test_every_value_has_its_word():
    assert set(PARTY_LABELS) == set(Party)
    assert set(METHOD_LABELS) == set(CoachingMethod)
    assert set(COMPLIANCE_LABELS) == set(ComplianceClass)
    assert set(BADGE_REASONS) == set(Badge)
    assert set(PROBLEM_SENTENCES) == set(ProblemKey)


@pytest.mark.parametrize(
    ("key", "facts", "english", "chinese"),
    [
        (
            "badge",
            {"badge": "single_seller"},
            "Nearly all policies come from one person.",
            "几乎全部保单来自一个人。",
        ),
        (
            "contact_gap",
            {"role": "teller", "actual": 1, "target_min": 2},
            "Teller: contacts last week 1, at least 2 asked.",
            "柜员：上周沟通1次，应不少于2次。",
        ),
        (
            "stage_basic",
            {"stage": "growth", "weeks": 0},
            "A basic step of the stage Growth, not done yet (week 1 in the stage).",
            "成长期的基础动作，尚未完成（进入该阶段第1周）。",
        ),
        (
            "upkeep",
            {"stage": "mature", "on": "2026-10-01"},
            "Belongs to the stage Mature; last done on 1 Oct 2026.",
            "属于成熟期的日常动作，上次完成于2026年10月1日。",
        ),
        (
            "measure_missed",
            {"on": "2026-10-01"},
            "Done on 1 Oct 2026, but its measure was not reached: try again or change the method.",
            "2026年10月1日已完成，但未达到成功标准：再做一次或换方法。",
        ),
        (
            "plan_miss",
            {"cause": "C02", "week": "2026-11-16"},
            "Missed in the week plan from 16 Nov 2026: C02 · Invitations blocked",
            "2026年11月16日起的周计划未完成：C02 · 活动邀约受阻",
        ),
    ],
)
def test_a_reason_is_a_sentence_in_either_language(key, facts, english, chinese):
    assert reason_sentence("en", key, facts) == english
    assert reason_sentence("zh", key, facts) == chinese


def test_an_unknown_reason_is_an_error():
    with pytest.raises(ValueError, match="unknown reason 'x'"):
        reason_sentence("en", "x", {})


def test_a_problem_says_what_would_be_right():
    early = Problem(ProblemKey.TOO_OLD, "contact_on", {"day": date(2026, 1, 2), "oldest": date(2026, 8, 22)})
    assert problem_sentence("en", early) == (
        "2 Jan 2026 is too long ago. Days from 22 Aug 2026 on can be logged here, older contacts by import."
    )
    note = Problem(ProblemKey.PERSONAL_NUMBER, "note", {"kind": "mobile"})
    assert problem_sentence("zh", note) == "备注：文字中疑似含有手机号码，请删去：系统不保存客户信息。"
    again = Problem(ProblemKey.ALREADY_LOGGED, "whom", {"people": ["王芳"], "roles": ["teller"]})
    assert problem_sentence("zh", again) == "当天已登记：王芳、柜员。如确为另一次，请勾选。"
    both = Problem(ProblemKey.PERSON_AND_GROUP, "whom", {"people": ["王芳", "李强"], "roles": [StaffRole.TELLER]})
    assert problem_sentence("en", both).startswith("王芳, 李强: chosen by name and within the role as a group (Teller)")
    assert problem_sentence("zh", both).startswith("王芳、李强：既按姓名选择，又包含在岗位整体（柜员）中")
    word = Problem(ProblemKey.FORBIDDEN_WORD, "text", {"word": "gift", "why_en": "benefit", "why_zh": "利益"})
    assert problem_sentence("en", word) == "The text says “gift”: benefit. Say it another way."


def test_lists_and_labels_follow_the_language():
    assert party_words("en", (Party.CHANNEL_MANAGER, Party.TRAINER)) == "Channel manager, Trainer"
    assert party_words("zh", (Party.CHANNEL_MANAGER, Party.TRAINER)) == "银保客户经理、培训讲师"
    assert party_words("en", ()) == "–"
    assert method_word("zh", CoachingMethod.PASS_TEST) == "通关"
    assert compliance_word("zh", ComplianceClass.INSURER_ONLY) == "仅保险公司内部"
    assert badge_reason("zh", Badge.NEVER_ACTIVATED) == "网点从未真正启动。"
    assert day_word("zh", date(2026, 1, 5)) == "2026年1月5日"
    assert text("zh", "Playbook") == "辅导动作库"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "en",
            "A basic step of the stage Startup, not done yet (week 1 in the stage). "
            "It follows the manual override to Startup.",
        ),
        ("zh", "起步期的基础动作，尚未完成（进入该阶段第1周）。（依据人工调整：起步期）"),
    ],
)
def test_a_reason_says_that_it_follows_a_stage_set_by_hand(language, sentence):
    facts = {"stage": "startup", "weeks": 0, "stage_by_hand": "startup"}
    assert reason_sentence(language, "stage_basic", facts) == sentence


def test_a_problem_names_a_stage_in_the_language():
    problem = Problem(ProblemKey.SAME_STAGE, "stage", {"stage": Stage.MATURE})
    assert problem_sentence("en", problem) == (
        "Stage: Mature is what is computed. Confirm it, or choose another stage."
    )
    assert problem_sentence("zh", problem) == "阶段：系统判定已是成熟期，请直接确认，或选择其他阶段。"
