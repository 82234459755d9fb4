"""Words of the playbook in two languages: who, how, which rule."""

from datetime import date

from core.coaching.playbook import CoachingMethod, ComplianceClass, Driver, Party, ProcessStep
from core.coaching.problems import Problem, ProblemKey
from core.events.rules import Named
from core.facts import CustomerTier, StaffRole, Stage
from core.language import Language, listed, text
from core.language.days import day_word
from core.language.labels import label
from core.survey.words import alone_word, place_text, source_of_text

PARTY_LABELS: dict[Party, str] = {
    Party.BRANCH_HEAD: "Branch head",
    Party.RETAIL_HEAD: "Retail head",
    Party.WEALTH_MANAGER: "Wealth manager",
    Party.ACCOUNT_MANAGER: "Account manager",
    Party.TELLER: "Teller",
    Party.LOBBY_MANAGER: "Lobby manager",
    Party.SUB_BRANCH: "Bank sub-branch",
    Party.BANK_PROVINCIAL_BRANCH: "Bank provincial branch",
    Party.CHANNEL_MANAGER: "Channel manager",
    Party.CHANNEL_SUPERVISOR: "Channel supervisor",
    Party.TEAM_LEAD: "Team lead",
    Party.TRAINER: "Trainer",
    Party.BACK_OFFICE: "Back office",
    Party.COMPLIANCE_OFFICER: "Compliance officer",
    Party.COMPANY_LEADER: "Leader of the city company",
    Party.PROVINCIAL_COMPANY: "Provincial company",
    Party.EXTERNAL_EXPERT: "External expert",
    Party.CUSTOMERS: "Customers of the bank",
}

METHOD_LABELS: dict[CoachingMethod, str] = {
    CoachingMethod.ONE_ON_ONE: "One-on-one",
    CoachingMethod.MORNING_MEETING: "Morning meeting",
    CoachingMethod.EVENING_MEETING: "Evening meeting",
    CoachingMethod.MEETING: "Meeting",
    CoachingMethod.VISIT: "On-site visit",
    CoachingMethod.ROLE_PLAY: "Role play",
    CoachingMethod.PASS_TEST: "Pass test",
    CoachingMethod.DRILL: "Drill",
    CoachingMethod.DEMONSTRATION: "Demonstration",
    CoachingMethod.WORKSHOP: "Workshop",
    CoachingMethod.BUDDY: "Buddy system",
    CoachingMethod.PEER_SHARING: "Top-performer sharing",
    CoachingMethod.HEART_TALK: "Heart-to-heart talk",
    CoachingMethod.RECOGNITION: "Recognition",
    CoachingMethod.REVIEW: "Review session",
    CoachingMethod.PLANNING: "Planning",
    CoachingMethod.SURVEY: "Survey",
    CoachingMethod.OBSERVATION: "Observation",
    CoachingMethod.EVENT: "Customer event",
    CoachingMethod.SERVICE: "Customer service",
}

COMPLIANCE_LABELS: dict[ComplianceClass, str] = {
    ComplianceClass.INSURER_ONLY: "Inside the insurer only",
    ComplianceClass.BANK_STAFF_COACHING: "Coaching of bank staff; no customer present, nothing sold",
    ComplianceClass.BANK_SERVES_CUSTOMERS: (
        "Registered bank staff speak with customers; the insurer prepares, observes and debriefs"
    ),
    ComplianceClass.BANK_RECOGNITION: "Recognition is the bank's own; the insurer gives nothing",
}

DRIVER_LABELS: dict[Driver, str] = {
    Driver.INTERNAL: "Inside: build the team",
    Driver.EXTERNAL: "Outside: run activities",
}

STEP_LABELS: dict[ProcessStep, str] = {
    ProcessStep.SURVEY: "Branch survey",
    ProcessStep.RELATIONS: "Branch relations",
    ProcessStep.COACHING: "Branch coaching",
    ProcessStep.CUSTOMER_OPS: "Customer operation",
    ProcessStep.PROMOTION: "Business promotion",
    ProcessStep.PROJECT: "Project operation",
    ProcessStep.EVALUATION: "Closed-loop evaluation",
}

KIND_LABELS = {
    "identity": "an identity number",
    "card": "a bank card number",
    "mobile": "a mobile number",
    "email": "an e-mail address",
}

PLACE_LABELS = {
    "topic": "Topic",
    "note": "Note",
    "next_step": "Next step",
    "outcome": "Outcome",
    "reason": "Reason to dismiss",
    "stage": "Stage",
    "override_reason": "Reason",
    "line_reason": "Reason",
    "line_note": "What you make of it",
    "source": "Source",
    "day_name": "Name of the day",
    "past_reason": "Why the past changes",
    "goal": "Goal",
    "reality": "Reality",
    "options": "Options",
    "will": "Will (what was promised)",
    "need": "What would help most next month?",
    "plan_branch": "Branch",
    "plan_role": "Role",
    "plan_action": "Action",
    "plan_event": "Event",
    "plan_text": "Remark",
    "plan_reason": "Why the locked plan changes",
    "feedback": "Feedback",
    "cause_note": "What shows the cause",
    "adjustment": "What changes",
    "approval": "Comment",
    "decision_words": "Decision",
    "decision_owner": "Owner",
    "decision_due": "Due date",
    "decision_measure": "How it is measured",
    "decision_outcome": "What came of it",
    "diagnosis_branches": "Branches that act",
    "diagnosis_expected": "Expected effect",
    "diagnosis_review": "Review date",
    "diagnosis_result": "Result",
    "diagnosis_lesson": "Lesson",
    "present": "Present",
    "guests": "Others present",
    "event_title": "Title",
    "event_note": "Note",
    "event_tier": "Asset tier",
    "event_kind": "Kind",
    "event_theme": "Theme",
    "insurer_level": "Insurer's side",
    "bank_level": "Bank's side",
    "invited": "Invited",
    "confirmed": "Confirmed",
    "came": "Came",
    "walk_ins": "Walk-ins",
    "event_policies": "Policies that followed",
    "approval_number": "Approval number",
    "approved_on": "Approved on",
    "event_ref": "Event number",
    "project_start": "Project from",
    "project_end": "Project until",
    "project_target": "Target of the project",
    "project_resources": "Resources",
    "project_result": "Result",
    "slot_title": "Title",
    "slot_counts": "What it counts",
    "slot_target": "Target",
    "survey_methods": "How it was found out",
    "survey_day": "Survey day",
    "survey_note": "Note",
    "title_en": "Title, English",
    "title_zh": "Title, Chinese",
    "steps_en": "Steps, English",
    "steps_zh": "Steps, Chinese",
    "measure_en": "Success, English",
    "measure_zh": "Success, Chinese",
}
"""Free texts, by the place a problem names."""

PROBLEM_SENTENCES: dict[ProblemKey, str] = {
    ProblemKey.NOBODY: "Choose at least one person, or a role as a group.",
    ProblemKey.NOT_IN_BRANCH: "One of the people was not in post at this branch on {day}. Choose again.",
    ProblemKey.IN_FUTURE: "{day} is in the future. Choose a day until {today}.",
    ProblemKey.TOO_OLD: "{day} is too long ago. Days from {oldest} on can be logged here, older contacts by import.",
    ProblemKey.MINUTES: "{minutes} minutes cannot be right. Enter 0 to {most}.",
    ProblemKey.PERSONAL_NUMBER: "The text seems to hold {kind}. Leave it out: no data about customers are stored.",
    ProblemKey.TOO_LONG: "The text has {length} characters. Shorten it to {most}.",
    ProblemKey.ALREADY_LOGGED: "Already logged for this day: {people}. Tick the box if it was another one.",
    ProblemKey.PERSON_AND_GROUP: (
        "{people}: chosen by name and within the role as a group ({roles}), which would be two contacts. "
        "Leave one of the two out; what was another contact is logged by itself."
    ),
    ProblemKey.EMPTY: "This cannot stay empty.",
    ProblemKey.DUE_IN_PAST: "{day} is over. Choose a day from {today} on.",
    ProblemKey.OUTSIDE_WEEK: "{day} is not in the week from {week}.",
    ProblemKey.WEEK_OVER: "The week from {week} is over. Its plan stays as it was.",
    ProblemKey.MONTH_OVER: "The self-check of {month} takes no more answers. Answer this month's.",
    ProblemKey.ALREADY_PLANNED: "This stands in the plan already.",
    ProblemKey.ANOTHER_THING: (
        "The plan is locked: this line stays about what it was planned for. Drop it with a reason, and add the other."
    ),
    ProblemKey.NOT_SUPERVISED: "The branch is not one of {supervisor}'s. Choose a branch of the plan's owner.",
    ProblemKey.GOAL: "{goal} cannot be a goal. Enter a number from 0 on.",
    ProblemKey.CAUSE: "Choose one of the causes.",
    ProblemKey.NO_ADJUSTMENT: "Say what changes, or choose an action. Only {codes} may close a miss without one.",
    ProblemKey.WEEK_AHEAD: "The week from {week} has not begun. Tick its lines from then on.",
    ProblemKey.NOT_MISSED: "This line is not missed.",
    ProblemKey.NO_PLAN: "There is no plan for this week yet.",
    ProblemKey.TOO_LATE: "{day} is too long ago. Days from {oldest} on can still be filled in.",
    ProblemKey.OWNER: "{owner} does not look after this branch. Choose somebody from the list.",
    ProblemKey.NOT_OPEN: "This action is not open any more.",
    ProblemKey.FORBIDDEN_WORD: "The text says “{word}”: {why}. Say it another way.",
    ProblemKey.AMOUNT: "{amount} is not an amount in yuan. Enter a number from 0 on, with at most two decimals.",
    ProblemKey.PAUSE: "{days} days cannot be right. Enter 1 to 366.",
    ProblemKey.SAME_STAGE: "{stage} is what is computed. Confirm it, or choose another stage.",
    ProblemKey.TOO_FAR: "{day} is more than {weeks} weeks ahead. Choose a day until {last}; it can be renewed then.",
    ProblemKey.OUTLASTS: "The last day of the action is {last}. It cannot rest beyond that day.",
    ProblemKey.OVERRIDDEN: "A manual override is in force here. Withdraw it before you confirm the computed stage.",
    ProblemKey.NOT_OVERRIDDEN: "No manual override is in force here any more.",
    ProblemKey.NO_STAGE: "The stage of this branch is not known yet.",
    ProblemKey.NOTE_TOO_OLD: "{day} is too long ago for a note. Choose a day from {oldest} on.",
    ProblemKey.NO_HANDOVER: "There is no such change of this branch any more.",
    ProblemKey.ANSWER: "{value} is no answer to this question. Choose one of those offered.",
    ProblemKey.TOO_FEW_ANSWERS: "{answered} of {asked} are answered. Answer at least {least} before you finish.",
    ProblemKey.NO_PROOF: "Choose the contact that shows it was done; log it first if it is missing.",
    ProblemKey.PROOF: "The contact must be one with this branch from {since} to {today}. Choose again.",
    ProblemKey.IS_PROOF: "This contact shows that an action was done: it cannot be withdrawn.",
    ProblemKey.PROOF_DAY: (
        "This contact shows that the action “{action}” was done: its day must lie between {since} and {until}."
    ),
    ProblemKey.PROOF_PUSH: (
        "This contact shows that the action “{action}” was done: information that was only pushed would not show it."
    ),
    ProblemKey.EXPIRED: "This action expired on {day}. Take it on again from the suggestions of the branch.",
    ProblemKey.DISMISSAL: "Choose one of the reasons.",
    ProblemKey.EVENT_DAY: "{day} is too far away. Choose a day from {first} to {last}.",
    ProblemKey.EVENT_TIER: "{relation} do not go with the tier {tier}. Choose another one.",
    ProblemKey.EVENT_KIND: "{kind} is not meant for {relation} of the tier {tier}. Choose one of those offered.",
    ProblemKey.EVENT_THEME: "{theme} does not belong to the tier {tier}. Choose one of those offered.",
    ProblemKey.EVENT_LEVEL: "The tier {tier} asks for the level {lowest} or a higher one.",
    ProblemKey.EVENT_REF: "Enter at most 80 characters, and no number that points to a person.",
    ProblemKey.EVENT_REF_TAKEN: "{ref} is the number of another event.",
    ProblemKey.GUESTS: "{count} cannot be right. Enter 0 to {most}.",
    ProblemKey.MORE_GUESTS: "{few} cannot be more than {many}, the number before it.",
    ProblemKey.NOT_HELD: "Only an event that was held has guests who came. Choose Held, or leave it empty.",
    ProblemKey.PROJECT_DAYS: (
        "{start} to {end} cannot be right: the event of {day} lies within the project, which lasts {most} days at most."
    ),
    ProblemKey.NEEDS_APPROVAL: (
        "The text says “{word}”: {why}. Say it another way, or enter the approval number of the material."
    ),
    ProblemKey.NOT_A_CHOICE: "{value} is not among the choices.",
    ProblemKey.GOES_ALONE: "“{choice}” cannot be chosen together with others.",
    ProblemKey.OUT_OF_RANGE: "{value} cannot be right. Enter a whole number from {least} to {most}.",
    ProblemKey.WRONG_SUM: "These add up to {sum}. They must come to {wanted}.",
    ProblemKey.STAFF_CODE: "{value} is no staff code known here. Enter staff codes, never names.",
    ProblemKey.NO_DAY: "{value} is no day. Enter it as 2026-03-18.",
    ProblemKey.NO_MONTH: "{value} is no month. Enter it as 2026-03.",
    ProblemKey.NO_TIME: "{value} is no time of day. Enter it as 08:30.",
    ProblemKey.NEEDS_TICK: "Without the tick this is not stored: take the text out, or confirm that it is public.",
    ProblemKey.TOO_MANY_ROWS: "{count} rows are too many. At most {most} are kept.",
    ProblemKey.TWICE: "{value} stands in two rows.",
    ProblemKey.REVIEW_HAS_DECISIONS: "Something was decided in this review: it cannot be taken back, only ended.",
    ProblemKey.REVIEW_OVER: "This review is over and stays as it was.",
    ProblemKey.REVIEW_WEEK: "Choose a complete week from {first} to {last}.",
    ProblemKey.DECISION_SETTLED: "This decision was settled already.",
    ProblemKey.NO_GAP: "This figure is not below its target: there is no gap to diagnose.",
    ProblemKey.ALREADY_DIAGNOSED: "This gap was diagnosed already, on {day}. Open it in the list.",
    ProblemKey.TOO_MANY_BRANCHES: "{count} branches are too many for one cause. Choose at most {most}.",
    ProblemKey.REVIEW_BEFORE_DUE: "{day} is not after {due}, when the actions are due. Choose a later day.",
    ProblemKey.DIAGNOSIS_CLOSED: "This diagnosis is closed and stays as it was.",
    ProblemKey.SUSPENDED: "The branch is suspended. Nothing is planned there until it is active again.",
    ProblemKey.CLOSED: "The branch is closed. Nothing new is planned or logged there.",
}


def problem_sentence(language: Language, problem: Problem) -> str:
    """Return what is wrong and what would be right."""
    facts = {name: _word(language, fact) for name, fact in problem.facts.items()}
    if problem.key is ProblemKey.ALREADY_LOGGED:
        roles = [label(language, StaffRole(role)) for role in problem.facts["roles"]]
        facts["people"] = listed(language, [*problem.facts["people"], *roles])
    if problem.key is ProblemKey.PERSON_AND_GROUP:
        facts["people"] = listed(language, problem.facts["people"])
        facts["roles"] = listed(language, [label(language, role) for role in problem.facts["roles"]])
    if problem.key is ProblemKey.PERSONAL_NUMBER:
        facts["kind"] = text(language, KIND_LABELS[str(facts["kind"])])
    if problem.key is ProblemKey.GOES_ALONE:
        facts["choice"] = alone_word(language, problem)
    if problem.key in (ProblemKey.FORBIDDEN_WORD, ProblemKey.NEEDS_APPROVAL):
        facts["why"] = facts["why_zh"] if language == "zh" else facts["why_en"]
    sentence = text(language, PROBLEM_SENTENCES[problem.key], **facts)
    place = _place(language, problem)
    return text(language, "{place}: {sentence}", place=place, sentence=sentence) if place else sentence


def _place(language: Language, problem: Problem) -> str | None:
    if problem.place not in PLACE_LABELS:
        return place_text(language, problem)
    of_field = source_of_text(language, problem)
    place = text(language, PLACE_LABELS[problem.place])
    return f"{of_field} · {place}" if of_field else place


def _word(language: Language, fact: object) -> object:
    if isinstance(fact, Stage | CustomerTier):
        return label(language, fact)
    if isinstance(fact, Named):
        return fact.word(language)
    return day_word(language, fact) if isinstance(fact, date) else fact


def party_words(language: Language, parties: tuple[Party, ...]) -> str:
    """Return the parties as a list in the language; nobody is a dash."""
    return listed(language, (text(language, PARTY_LABELS[one]) for one in parties)) or "–"


def method_word(language: Language, method: CoachingMethod) -> str:
    """Return the word for a method."""
    return text(language, METHOD_LABELS[method])


def compliance_word(language: Language, compliance: ComplianceClass) -> str:
    """Return what the rules ask of an action."""
    return text(language, COMPLIANCE_LABELS[compliance])


def driver_word(language: Language, driver: Driver) -> str:
    """Return the word for a driver."""
    return text(language, DRIVER_LABELS[driver])


def step_word(language: Language, step: ProcessStep) -> str:
    """Return the word for a step of the process."""
    return text(language, STEP_LABELS[step])
