"""The five import files: their columns, aliases and keys, as one table of rows.

`kind` says how a cell is read: code, reference (a code people type, which holds no personal number),
name (200 characters), words (2,000), note (500), user, region, date, past (a date not in the future),
enum, minutes or money.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from core.facts import BranchStatus, ContactMethod, CustomerTier, PaymentMode, PolicyStatus, SizeTier, StaffRole
from core.language import Language

CellKind = Literal[
    "code", "reference", "name", "words", "note", "user", "region", "date", "past", "enum", "minutes", "money"
]  # fmt: skip
CODE_KINDS: frozenset[CellKind] = frozenset({"code", "reference", "user"})
"""Kinds whose cells name something: their long numbers are not taken for telephones or cards unasked."""


class Dataset(StrEnum):
    """What a file or sheet holds, in the order of import."""

    BRANCHES = "branches"
    STAFF = "staff"
    CONTACTS = "contacts"
    POLICIES = "policies"
    STATUSES = "statuses"


@dataclass(frozen=True)
class Column:
    """One column of an import file. `words` maps Chinese words to stored values, the first of each shown."""

    name: str
    alias: str
    kind: CellKind
    required: bool = False
    words: tuple[tuple[str, str], ...] = ()
    default: str = ""

    @property
    def accepted(self) -> str:
        """Return the accepted words as `value [中文]`, for messages."""
        values = dict.fromkeys(value for _, value in self.words)
        return ", ".join(
            f"{value} [{', '.join(word for word, meant in self.words if meant == value)}]" for value in values
        )


ROLE_WORDS = (
    ("网点负责人", StaffRole.BRANCH_HEAD.value),
    ("零售主管", StaffRole.RETAIL_HEAD.value),
    ("理财经理", StaffRole.WEALTH_MANAGER.value),
    ("客户经理", StaffRole.ACCOUNT_MANAGER.value),
    ("银行客户经理", StaffRole.ACCOUNT_MANAGER.value),
    ("柜员", StaffRole.TELLER.value),
    ("大堂经理", StaffRole.LOBBY_MANAGER.value),
)
STATUS_WORDS = (
    ("正常", BranchStatus.ACTIVE.value),
    ("暂停", BranchStatus.SUSPENDED.value),
    ("关闭", BranchStatus.CLOSED.value),
)
TIER_WORDS = (("大型", SizeTier.LARGE.value), ("标准", SizeTier.STANDARD.value), ("小型", SizeTier.SMALL.value))
METHOD_WORDS = (
    ("拜访", ContactMethod.VISIT.value),
    ("电话", ContactMethod.PHONE.value),
    ("微信", ContactMethod.MESSAGE.value),
    ("晨会", ContactMethod.MORNING_MEETING.value),
    ("夕会", ContactMethod.EVENING_MEETING.value),
    ("一对一", ContactMethod.ONE_ON_ONE.value),
    ("培训", ContactMethod.TRAINING.value),
)
MODE_WORDS = (("期交", PaymentMode.REGULAR.value), ("趸交", PaymentMode.SINGLE.value))
CUSTOMER_WORDS = (
    ("普通", CustomerTier.MASS.value),
    ("中端", CustomerTier.AFFLUENT.value),
    ("高端", CustomerTier.HIGH_NET_WORTH.value),
)
POLICY_WORDS = (
    ("有效", PolicyStatus.IN_FORCE.value),
    ("犹豫期退保", PolicyStatus.CANCELLED.value),
    ("退保", PolicyStatus.SURRENDERED.value),
)

COLUMNS: Mapping[Dataset, tuple[Column, ...]] = {
    Dataset.BRANCHES: (
        Column("branch_code", "网点代码", "code", required=True),
        Column("branch_name", "网点名称", "name", required=True),
        Column("bank", "银行", "name", required=True),
        Column("region", "机构", "region", required=True),
        Column("city", "城市", "name"),
        Column("cooperation_start", "合作开始日期", "date", required=True),
        Column("supervisor", "督导", "user"),
        Column("status", "状态", "enum", words=STATUS_WORDS, default=BranchStatus.ACTIVE.value),
        Column("status_since", "状态日期", "date"),
        Column("size_tier", "规模档", "enum", words=TIER_WORDS),
    ),
    Dataset.STAFF: (
        Column("staff_code", "人员代码", "code", required=True),
        Column("branch_code", "网点代码", "code", required=True),
        Column("staff_name", "姓名", "name", required=True),
        Column("role", "岗位", "enum", required=True, words=ROLE_WORDS),
        Column("joined_on", "入职日期", "date"),
        Column("left_on", "离职日期", "date"),
    ),
    Dataset.CONTACTS: (
        Column("contact_date", "沟通日期", "past", required=True),
        Column("branch_code", "网点代码", "code", required=True),
        Column("staff_code", "人员代码", "code"),
        Column("role", "岗位", "enum", words=ROLE_WORDS),
        Column("method", "方式", "enum", required=True, words=METHOD_WORDS),
        Column("supervisor", "督导", "user"),
        Column("minutes", "时长", "minutes"),
        Column("topic", "主题", "words"),
        Column("note", "备注", "note"),
        Column("contact_ref", "记录编号", "reference"),
    ),
    Dataset.POLICIES: (
        Column("policy_ref", "保单号", "code", required=True),
        Column("issued_on", "承保日期", "past", required=True),
        Column("branch_code", "网点代码", "code", required=True),
        Column("staff_code", "人员代码", "code"),
        Column("product", "产品", "name"),
        Column("payment_mode", "缴费方式", "enum", required=True, words=MODE_WORDS),
        Column("premium", "保费", "money", required=True),
        Column("customer_tier", "客户层级", "enum", words=CUSTOMER_WORDS),
        Column("status", "保单状态", "enum", words=POLICY_WORDS, default=PolicyStatus.IN_FORCE.value),
        Column("cancelled_on", "退保日期", "past"),
        Column("event_ref", "活动编号", "reference"),
    ),
    Dataset.STATUSES: (
        Column("branch_code", "网点代码", "code", required=True),
        Column("status", "状态", "enum", required=True, words=STATUS_WORDS[1:]),
        Column("from", "开始日期", "date", required=True),
        Column("to", "结束日期", "date"),
        Column("reason", "原因", "words"),
    ),
}

KEY_COLUMN: Mapping[Dataset, str] = {
    Dataset.BRANCHES: "branch_code",
    Dataset.STAFF: "staff_code",
    Dataset.CONTACTS: "contact_ref",
    Dataset.POLICIES: "policy_ref",
    Dataset.STATUSES: "from",
}
"""The column named when the same key comes twice."""

SHEET_NAMES: Mapping[str, Dataset] = {
    **{dataset.value: dataset for dataset in Dataset},
    "网点": Dataset.BRANCHES,
    "人员": Dataset.STAFF,
    "沟通记录": Dataset.CONTACTS,
    "保单": Dataset.POLICIES,
    "状态": Dataset.STATUSES,
}
CHINESE_NAMES: Mapping[Dataset, str] = {dataset: name for name, dataset in SHEET_NAMES.items() if not name.isascii()}


def column_title(name: str, language: Language, dataset: Dataset | None = None) -> str:
    """Return how a column is headed for people; of any dataset that has it where none is given."""
    datasets = [dataset] if dataset else list(COLUMNS)
    found = (column.alias for each in datasets for column in COLUMNS[each] if column.name == name)
    return next(found, name) if language == "zh" else name


def cell_words(name: str, value: str, language: Language, dataset: Dataset) -> str:
    """Return a canonical cell as people write it in the language."""
    column = next((column for column in COLUMNS[dataset] if column.name == name), None)
    if column is None or language != "zh":
        return value
    return next((word for word, meant in column.words if meant == value), value)


def column_names(dataset: Dataset) -> list[str]:
    """Return the canonical column names in the order of the contract."""
    return [column.name for column in COLUMNS[dataset]]


def dataset_named(name: str) -> Dataset | None:
    """Return the dataset a file stem or sheet name means, None for any other name."""
    return SHEET_NAMES.get(name.strip().lower())
