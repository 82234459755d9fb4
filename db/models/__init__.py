"""All mapped rows; import them from here."""

from db.models.accounts import CookieTicketRow, SignInAttemptRow, SignInSessionRow, UserRow
from db.models.activity import ContactPersonWeekRow, ContactRow, ContactWeekRow, PolicyRow, ProductionWeekRow
from db.models.base import Base
from db.models.coaching import (
    BranchTotalRow,
    CalendarDayRow,
    PlaybookChangeRow,
    SettingRow,
    StageDecisionRow,
    StageRuleValueRow,
    StageRuleVersionRow,
    StageWeekRow,
    SuggestionRow,
    TargetRow,
)
from db.models.diagnosis import GapDiagnosisActionRow, GapDiagnosisCauseRow, GapDiagnosisRow
from db.models.events import BranchEventRow, SixOneSlotRow
from db.models.market import LearnedMonthRow, MarketWeekRow
from db.models.network import BankRow, BranchRow, BranchStatusRow, OrgUnitRow, StaffRow
from db.models.notes import CoachingNoteRow, HandoverReadRow
from db.models.official import OfficialTotalRow
from db.models.pack import ReviewPackRow
from db.models.planning import DailyFeedbackRow, PlanItemChangeRow, PlanItemRow, WeekPlanRow
from db.models.review import ReviewAttendanceRow, ReviewDecisionRow, ReviewMeetingRow
from db.models.self_checks import SelfCheckAnswerRow, SelfCheckRow
from db.models.shown import StageRestatementRow, StageShownRow
from db.models.survey import SurveyAnswerRow, SurveySheetRow, SurveyVersionRow
from db.models.today import SnoozeRow, TodayNewsRow, TodayVisitRow, WarningSinceRow
from db.models.trail import AuditRow, ImportBatchRow, ImportChangeRow, StoreFactRow, WriteKeyRow

__all__ = [
    "AuditRow",
    "BankRow",
    "Base",
    "BranchEventRow",
    "BranchRow",
    "BranchStatusRow",
    "BranchTotalRow",
    "CalendarDayRow",
    "CoachingNoteRow",
    "ContactPersonWeekRow",
    "ContactRow",
    "ContactWeekRow",
    "CookieTicketRow",
    "DailyFeedbackRow",
    "GapDiagnosisActionRow",
    "GapDiagnosisCauseRow",
    "GapDiagnosisRow",
    "HandoverReadRow",
    "ImportBatchRow",
    "ImportChangeRow",
    "LearnedMonthRow",
    "MarketWeekRow",
    "OfficialTotalRow",
    "OrgUnitRow",
    "PlanItemChangeRow",
    "PlanItemRow",
    "PlaybookChangeRow",
    "PolicyRow",
    "ProductionWeekRow",
    "ReviewAttendanceRow",
    "ReviewDecisionRow",
    "ReviewMeetingRow",
    "ReviewPackRow",
    "SelfCheckAnswerRow",
    "SelfCheckRow",
    "SettingRow",
    "SignInAttemptRow",
    "SignInSessionRow",
    "SixOneSlotRow",
    "SnoozeRow",
    "StaffRow",
    "StageDecisionRow",
    "StageRestatementRow",
    "StageRuleValueRow",
    "StageRuleVersionRow",
    "StageShownRow",
    "StageWeekRow",
    "StoreFactRow",
    "SuggestionRow",
    "SurveyAnswerRow",
    "SurveySheetRow",
    "SurveyVersionRow",
    "TargetRow",
    "TodayNewsRow",
    "TodayVisitRow",
    "UserRow",
    "WarningSinceRow",
    "WeekPlanRow",
    "WriteKeyRow",
]
