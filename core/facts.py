"""Frozen records and stored enums every room shares.

Values of the enums are stored and written to files: they are never renamed.
Words for them live in `core/language/`, colours in `core/charts/`.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)
"""Facts are of these days; no question is about others."""


class Stage(StrEnum):
    """Life-cycle stage of a branch, in the order a branch usually passes them."""

    STARTUP = "startup"
    GROWTH = "growth"
    MATURE = "mature"
    ADJUSTMENT = "adjustment"
    SLUMP = "slump"


class BranchStatus(StrEnum):
    """Whether a branch does business."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class SizeTier(StrEnum):
    """Size standard of a branch."""

    LARGE = "A"
    STANDARD = "B"
    SMALL = "C"


class StaffRole(StrEnum):
    """Post of a bank person."""

    BRANCH_HEAD = "branch_head"
    RETAIL_HEAD = "retail_head"
    WEALTH_MANAGER = "wealth_manager"
    ACCOUNT_MANAGER = "account_manager"
    TELLER = "teller"
    LOBBY_MANAGER = "lobby_manager"


class ContactMethod(StrEnum):
    """How a contact was made."""

    VISIT = "visit"
    PHONE = "phone"
    MESSAGE = "message"
    MORNING_MEETING = "morning_meeting"
    EVENING_MEETING = "evening_meeting"
    ONE_ON_ONE = "one_on_one"
    TRAINING = "training"


class PaymentMode(StrEnum):
    """How the premium is paid."""

    REGULAR = "regular"
    SINGLE = "single"


class PolicyStatus(StrEnum):
    """What became of a policy; CANCELLED is within the cooling-off period."""

    IN_FORCE = "in_force"
    CANCELLED = "cancelled"
    SURRENDERED = "surrendered"


class CustomerTier(StrEnum):
    """Asset tier of the customer behind a policy."""

    MASS = "mass"
    AFFLUENT = "affluent"
    HIGH_NET_WORTH = "high_net_worth"


class CadenceStatus(StrEnum):
    """Contacts made in a week against the contacts owed."""

    MET = "met"
    OVER = "over"
    SHORT = "short"
    NONE = "none"
    NOT_DUE = "not_due"


class SuggestionState(StrEnum):
    """Life of a suggestion; TAKEN means it is an open action with owner and due date, EXPIRED that nobody closed it."""

    PROPOSED = "proposed"
    TAKEN = "taken"
    DONE = "done"
    DISMISSED = "dismissed"
    EXPIRED = "expired"


class EventState(StrEnum):
    """What became of a customer event."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class StageDecisionKind(StrEnum):
    """What somebody decided about the computed stage of a branch."""

    CONFIRMED = "confirmed"
    OVERRIDDEN = "overridden"
    RENEWED = "renewed"
    WITHDRAWN = "withdrawn"


class RestatementCause(StrEnum):
    """Why another stage than the one shown at the time was computed for a past week."""

    IMPORT = "import"
    UNDO = "undo"
    RULES = "rules"
    CALENDAR = "calendar"
    RECOMPUTED = "recomputed"


class Badge(StrEnum):
    """Early warnings and marks beside the stage; none of them changes a stage."""

    WATCH_DOWN = "watch_down"
    WATCH_UP = "watch_up"
    CONTACT_GAP = "contact_gap"
    KEY_PERSON_LEFT = "key_person_left"
    SINGLE_SELLER = "single_seller"
    SINGLE_PAY_HEAVY = "single_pay_heavy"
    HIGH_CANCELLATION = "high_cancellation"
    LOW_PLATEAU = "low_plateau"
    NEVER_ACTIVATED = "never_activated"
    CAMPAIGN_DRIVEN = "campaign_driven"
    INSUFFICIENT_DATA = "insufficient_data"
    PROVISIONAL = "provisional"


class UserRole(StrEnum):
    """What a signed-in user may see."""

    ADMIN = "admin"
    MANAGER = "manager"
    SUPERVISOR = "supervisor"
    BRANCH_HEAD = "branch_head"


@dataclass(frozen=True)
class Actor:
    """Who asks: the signed-in user as the store knows him now.

    `region_path` bounds a manager, `branch_id` a branch head, `username` a supervisor
    (the branches whose `supervisor` is that name, within `region_path` where a manager
    looks at a team). Where the bound of a role is missing the scope is empty.
    """

    user_id: int
    username: str
    display_name: str
    role: UserRole
    region_path: str | None = None
    branch_id: int | None = None
    must_change_password: bool = False

    @property
    def scope_key(self) -> str:
        """Text that is equal for two actors exactly when they see the same branches."""
        match self.role:
            case UserRole.ADMIN:
                return "all"
            case UserRole.MANAGER:
                return f"region:{self.region_path}"
            case UserRole.SUPERVISOR if self.region_path:
                return f"supervisor:{self.username}@{self.region_path}"
            case UserRole.SUPERVISOR:
                return f"supervisor:{self.username}"
            case UserRole.BRANCH_HEAD:
                return f"branch:{self.branch_id}:{self.username}"  # what he owns is told to him alone


@dataclass(frozen=True)
class Branch:
    """A bank outlet as the screens show it."""

    branch_id: int
    branch_code: str
    branch_name: str
    bank: str
    region: str
    city: str | None
    cooperation_start: date
    supervisor: str | None
    status: BranchStatus
    status_since: date | None
    size_tier: SizeTier | None
    version: int


COMMAND_LINE = Actor(user_id=0, username="", display_name="command line", role=UserRole.ADMIN)
"""Whoever runs `manage.py`: sees everything, has no account."""
