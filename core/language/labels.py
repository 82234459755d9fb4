"""Labels of stored enum values: one English source string each, translated by `zh/labels.po`."""

from core.facts import (
    Badge,
    BranchStatus,
    CadenceStatus,
    ContactMethod,
    CustomerTier,
    EventState,
    PaymentMode,
    PolicyStatus,
    RestatementCause,
    SizeTier,
    StaffRole,
    Stage,
    StageDecisionKind,
    SuggestionState,
    UserRole,
)
from core.language import Language, text

Labelled = (
    Stage
    | StaffRole
    | ContactMethod
    | BranchStatus
    | SizeTier
    | PaymentMode
    | PolicyStatus
    | CustomerTier
    | CadenceStatus
    | SuggestionState
    | EventState
    | StageDecisionKind
    | RestatementCause
    | Badge
    | UserRole
)

ENUM_LABELS: dict[Labelled, str] = {
    Stage.STARTUP: "Startup",
    Stage.GROWTH: "Growth",
    Stage.MATURE: "Mature",
    Stage.ADJUSTMENT: "Adjustment",
    Stage.SLUMP: "Slump",
    StaffRole.BRANCH_HEAD: "Branch head",
    StaffRole.RETAIL_HEAD: "Retail head",
    StaffRole.WEALTH_MANAGER: "Wealth manager",
    StaffRole.ACCOUNT_MANAGER: "Account manager",
    StaffRole.TELLER: "Teller",
    StaffRole.LOBBY_MANAGER: "Lobby manager",
    ContactMethod.VISIT: "On-site visit",
    ContactMethod.PHONE: "Phone",
    ContactMethod.MESSAGE: "Message",
    ContactMethod.MORNING_MEETING: "Morning meeting",
    ContactMethod.EVENING_MEETING: "Evening meeting",
    ContactMethod.ONE_ON_ONE: "One-on-one",
    ContactMethod.TRAINING: "Training",
    BranchStatus.ACTIVE: "Active",
    BranchStatus.SUSPENDED: "Suspended",
    BranchStatus.CLOSED: "Closed",
    SizeTier.LARGE: "Large",
    SizeTier.STANDARD: "Standard",
    SizeTier.SMALL: "Small",
    PaymentMode.REGULAR: "Regular pay",
    PaymentMode.SINGLE: "Single pay",
    PolicyStatus.IN_FORCE: "In force",
    PolicyStatus.CANCELLED: "Cancelled in cooling-off",
    PolicyStatus.SURRENDERED: "Surrendered",
    CustomerTier.MASS: "Mass",
    CustomerTier.AFFLUENT: "Affluent",
    CustomerTier.HIGH_NET_WORTH: "High net worth",
    CadenceStatus.MET: "Met",
    CadenceStatus.OVER: "Over",
    CadenceStatus.SHORT: "Short",
    CadenceStatus.NONE: "None",
    CadenceStatus.NOT_DUE: "Not due",
    SuggestionState.PROPOSED: "Suggested",
    SuggestionState.TAKEN: "In progress",
    SuggestionState.DONE: "Done",
    SuggestionState.DISMISSED: "Dismissed",
    SuggestionState.EXPIRED: "Expired",
    EventState.PLANNED: "Planned",
    EventState.HELD: "Held",
    EventState.CANCELLED: "Cancelled",
    StageDecisionKind.CONFIRMED: "Confirmed",
    StageDecisionKind.OVERRIDDEN: "Overridden",
    StageDecisionKind.RENEWED: "Renewed",
    StageDecisionKind.WITHDRAWN: "Withdrawn",
    RestatementCause.IMPORT: "Import of data",
    RestatementCause.UNDO: "Import taken back",
    RestatementCause.RULES: "Other stage rules",
    RestatementCause.CALENDAR: "Calendar corrected",
    RestatementCause.RECOMPUTED: "Worked out anew",
    Badge.WATCH_DOWN: "Watch down",
    Badge.WATCH_UP: "Watch up",
    Badge.CONTACT_GAP: "Contact gap",
    Badge.KEY_PERSON_LEFT: "Key person left",
    Badge.SINGLE_SELLER: "Single seller",
    Badge.SINGLE_PAY_HEAVY: "Single-pay heavy",
    Badge.HIGH_CANCELLATION: "High cancellation",
    Badge.LOW_PLATEAU: "Low for its size",
    Badge.NEVER_ACTIVATED: "Never activated",
    Badge.CAMPAIGN_DRIVEN: "Campaign-driven",
    Badge.INSUFFICIENT_DATA: "Not enough data",
    Badge.PROVISIONAL: "Provisional",
    UserRole.ADMIN: "Administrator",
    UserRole.MANAGER: "Manager",
    UserRole.SUPERVISOR: "Supervisor",
    UserRole.BRANCH_HEAD: "Branch head",
}


def label(language: Language, value: Labelled) -> str:
    """Return the word for a stored value."""
    return text(language, ENUM_LABELS[value])
