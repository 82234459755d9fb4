import csv
from collections import Counter, defaultdict
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import WorkingCalendar
from core.privacy import identity_kind
from core.sample.city import city_of
from core.sample.contacts import contacts_of
from core.sample.files import FILE_NAMES, insurer_name, write_city
from core.sample.network import FAR
from core.sample.people import ROLES, WEALTH
from core.sample.plan import CityPlan, SampleDays, profiles, shared_out
from core.sample.policies import policies_of

UNTIL = date(2026, 11, 15)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def plan():
    return CityPlan(branches=120, weeks=104, seed=5, until=UNTIL)


@pytest.fixture(scope="module")
def files(plan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    counts = write_city(plan, folder)
    found = {name.removesuffix(".csv"): rows_of(folder / name) for name in FILE_NAMES}
    assert counts == {name: len(found[name.removesuffix(".csv")]) for name in FILE_NAMES}
    return found


@pytest.fixture(scope="module")
def city(plan):
    return city_of(plan)


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    plan = CityPlan(branches=50, weeks=70, seed=7, until=UNTIL)
    for folder in ("one", "two"):
        write_city(plan, tmp_path / folder)
    for name in FILE_NAMES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_another_seed_gives_another_city(tmp_path):
    for seed in (1, 2):
        write_city(CityPlan(branches=20, weeks=10, seed=seed, until=UNTIL), tmp_path / str(seed))
    for name in FILE_NAMES[:4]:
        assert (tmp_path / "1" / name).read_bytes() != (tmp_path / "2" / name).read_bytes()


def test_fewer_weeks_of_contacts_change_nothing_else(tmp_path):
    write_city(CityPlan(branches=20, weeks=40, seed=1, until=UNTIL), tmp_path / "all")
    write_city(CityPlan(branches=20, weeks=40, seed=1, until=UNTIL, contact_weeks=10), tmp_path / "some")
    for name in ("branches.csv", "staff.csv", "policies.csv", "statuses.csv"):
        assert (tmp_path / "all" / name).read_bytes() == (tmp_path / "some" / name).read_bytes()
    first = min(row["contact_date"] for row in rows_of(tmp_path / "some" / "contacts.csv"))
    assert first >= (UNTIL - timedelta(weeks=10) + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("branches", "weeks", "seed"), [(0, 1, 1), (300_001, 1, 1), (1, 0, 1), (1, 521, 1), (1, 1, -1)]
)
def test_a_city_of_impossible_size_is_refused(branches, weeks, seed):
    with pytest.raises(ValueError, match="give a number from"):
        CityPlan(branches=branches, weeks=weeks, seed=seed, until=UNTIL)


@settings(max_examples=25, deadline=None)
@given(
    branches=st.integers(1, 45),
    weeks=st.integers(1, 64),
    seed=st.integers(0, 10**6),
    until=st.dates(date(2024, 1, 1), date(2029, 12, 31)),
)
def test_a_city_of_any_size_keeps_to_its_own_rules(branches, weeks, seed, until):
    city = city_of(CityPlan(branches=branches, weeks=weeks, seed=seed, until=until))
    policies = policies_of(city)
    assert_in_post_and_open(city, policies.branch, policies.day, policies.person)
    for contacts in contacts_of(city):
        assert_in_post_and_open(city, contacts.branch, contacts.day, contacts.person)
    assert len(set(city.network.codes)) == branches
    assert len(set(city.people.codes)) == len(city.people.codes)
    assert (policies.premium_cny > 0).all()
    assert ((policies.ended < 0) | (policies.ended > policies.day)).all()
    assert (policies.ended < city.plan.day_count).all()


def assert_in_post_and_open(city, branch, day, person):
    assert city.network.is_open[branch, day].all()
    assert (day < city.plan.day_count).all()
    named = person >= 0
    person, day, branch = person[named], day[named], branch[named]
    assert (city.people.branch[person] == branch).all()
    assert (city.people.joined[person] <= day).all()
    assert (city.people.left[person] >= day).all()


def test_a_thousand_branches_have_codes_of_their_own_in_many_cities():
    network = city_of(CityPlan(branches=2000, weeks=1, seed=1, until=UNTIL)).network
    assert len(set(network.codes)) == 2000
    assert len(set(network.cities)) == 33
    assert len(set(network.branch_names)) == 2000


def test_the_first_city_is_the_one_of_the_domain_page(files):
    branches = files["branches"]
    assert len(branches) == 120
    assert {row["bank"] for row in branches} == {"青禾银行", "沧澜银行", "望岳银行", "临溪农商银行"}
    assert {row["region"] for row in branches} == {
        "安禾东区分公司/云州中支",
        "安禾南区分公司/澜州中支",
        "安禾西区分公司/岚川中支",
        "安禾北区分公司/溪陵中支",
    }
    assert Counter(row["size_tier"] for row in branches) == {"A": 24, "B": 60, "C": 36}
    assert 30 <= len({row["supervisor"] for row in branches}) <= 42
    assert insurer_name() == "安禾示例人寿"
    assert branches[0]["branch_code"] == "QH-YZ-001"


def test_the_year_has_the_shape_of_the_trade(files):
    policies = files["policies"]
    assert 6_000 <= len(policies) <= 7_200
    by_month = Counter(row["issued_on"][:7] for row in policies)
    whole = [by_month[f"2026-{month:02d}"] for month in range(1, 11)]
    assert by_month["2026-01"] > 1.5 * np.mean(whole)
    assert by_month["2026-10"] < np.mean(whole)
    premiums = np.array([int(row["premium"]) for row in policies])
    regular = np.array([row["payment_mode"] == "regular" for row in policies])
    assert 0.24 <= premiums[regular].sum() / premiums.sum() <= 0.33
    assert 29_000 <= np.median(premiums) <= 38_000
    assert 60_000 <= premiums.mean() <= 80_000
    cancelled = sum(row["status"] == "cancelled" for row in policies) / len(policies)
    assert 0.03 <= cancelled <= 0.06


def test_activity_rises_as_the_young_branches_grow_up(files):
    active = defaultdict(set)
    for row in files["policies"]:
        active[row["issued_on"][:7]].add(row["branch_code"])
    assert 0.4 <= len(active["2025-04"]) / 120 <= 0.65
    assert 0.55 <= len(active["2026-09"]) / 120 <= 0.85


def test_the_spring_festival_week_has_no_contacts_and_no_policies(files):
    week = {(date(2026, 2, 16) + timedelta(days=day)).isoformat() for day in range(5)}
    assert not any(row["issued_on"] in week for row in files["policies"])
    assert not any(row["contact_date"] in week for row in files["contacts"])


def test_contacts_fall_on_working_days_only(files):
    calendar = WorkingCalendar()
    days = {date.fromisoformat(row["contact_date"]) for row in files["contacts"]}
    assert all(calendar.is_workday(day) for day in days)


def test_the_season_of_a_week_is_the_one_of_the_domain_page():
    days = SampleDays.of(CityPlan(branches=1, weeks=52, seed=0, until=date(2026, 12, 27)), WorkingCalendar())
    season = dict(zip(days.words[::7], days.season.reshape(-1, 7).sum(axis=1), strict=True))
    expected = {"2026-01-05": 2.0, "2026-02-09": 1.44, "2026-02-16": 0, "2026-03-30": 1.05, "2026-05-04": 0.64}
    assert {monday: round(float(season[monday]), 6) for monday in expected} == expected


def test_every_special_case_is_there(files, city):
    network, people, weeks = city.network, city.people, city.plan.weeks
    policies = policies_of(city)
    assert set(network.special) == {
        "paused",
        "paused_now",
        "closed",
        "brand_new",
        "reopened",
        "key_person_left",
        "jumbo",
        "burst",
    }
    assert [len(branches) for branches in network.special.values()] == [1] * 8
    lengths = sorted(
        (date.fromisoformat(row["to"]) - date.fromisoformat(row["from"])).days + 1 for row in files["statuses"]
    )
    assert lengths == [6 * 7, 20 * 7]
    assert Counter(row["status"] for row in files["branches"]) == {"active": 118, "suspended": 1, "closed": 1}
    assert network.start[network.special["brand_new"][0]] == (weeks - 5) * 7
    assert policies.premium_cny.max() == 3_000_000
    burst = Counter(zip(policies.branch.tolist(), (policies.day // 7).tolist(), strict=True))
    assert burst[int(network.special["burst"][0]), weeks - 10] >= 7
    gone = int(network.special["key_person_left"][0])
    of_branch = (people.branch == gone) & (people.role == WEALTH) & (people.left < FAR)
    assert (people.left[of_branch] == city.plan.day_count - 42 - 1).any()
    silent = (network.city[policies.branch] == network.silent_city) & (policies.day // 7 == network.silent_weeks[0])
    assert silent.sum() == 0
    around = (network.city[policies.branch] == network.silent_city) & (policies.day // 7 == network.silent_weeks[1])
    assert around.sum() > 0


def test_a_closed_branch_has_nobody_and_nothing_afterwards(files):
    (closed,) = [row for row in files["branches"] if row["status"] == "closed"]
    code, since = closed["branch_code"], closed["status_since"]
    assert all(row["left_on"] < since for row in files["staff"] if row["branch_code"] == code)
    assert all(row["issued_on"] < since for row in files["policies"] if row["branch_code"] == code)
    assert all(row["contact_date"] < since for row in files["contacts"] if row["branch_code"] == code)


def test_each_role_has_as_many_posts_as_its_tier_says(city):
    for number, row in enumerate(profiles()["staff"]):
        bounds = np.array(row["count"])[city.network.tier]
        counts = city.people.posts[:, number]
        assert (counts >= bounds[:, 0]).all()
        assert (counts <= bounds[:, 1]).all()


def test_the_better_looked_after_stage_has_more_contacts(city):
    (contacts,) = contacts_of(city)
    per_week = np.bincount(city.network.stage[contacts.branch, contacts.day // 7], minlength=5) / np.bincount(
        city.network.stage[city.network.is_open[:, ::7]], minlength=5
    )
    startup, growth, mature, adjustment, slump = per_week
    assert slump < adjustment < mature
    assert min(startup, growth) > adjustment


def test_a_group_contact_names_a_role_and_nobody(files):
    meetings = [row for row in files["contacts"] if not row["staff_code"]]
    assert {row["method"] for row in meetings} == {"morning_meeting", "evening_meeting"}
    assert {row["role"] for row in meetings} == {"teller", "wealth_manager"}


def test_surnames_of_one_branch_differ(files):
    names = defaultdict(list)
    for row in files["staff"]:
        names[row["branch_code"]].append(row["staff_name"][0])
    assert all(len(set(found)) == len(found) for found in names.values())


def test_the_lead_supervisor_has_a_few_dozen_branches_of_several_stages_in_one_region():
    city = city_of(CityPlan(branches=120, weeks=104, seed=5, until=UNTIL, lead_supervisor="demo_supervisor"))
    own = [number for number, name in enumerate(city.network.supervisors) if name == "demo_supervisor"]
    assert len(own) == 26
    assert len({int(city.network.path[number]) for number in own}) >= 5
    assert len({city.network.regions[number] for number in own}) == 1


def test_shares_are_kept_as_exactly_as_whole_numbers_allow():
    chance = np.random.default_rng(1)
    assert Counter(shared_out(chance, [0.2, 0.5, 0.3], 10).tolist()) == {0: 2, 1: 5, 2: 3}
    assert shared_out(chance, [0.2, 0.5, 0.3], 1).tolist() in ([0], [1], [2])


def test_the_shapes_cover_every_role_and_add_up():
    shapes = profiles()
    assert [row["role"] for row in shapes["staff"]] == list(ROLES)
    for shares in (
        shapes["tiers"]["share"],
        [row["share"] for row in shapes["paths"]],
        [row["share"] for row in shapes["products"]],
        list(shapes["remote_methods"].values()),
        *[list(row.values()) for row in shapes["onsite_methods"].values()],
    ):
        assert sum(shares) == pytest.approx(1)
    assert sum(shapes["season"]["months"]) == pytest.approx(12)


def test_no_file_holds_anything_like_a_customers_number(files):
    found = {
        value
        for rows in files.values()
        for row in rows[:2000]
        for column, value in row.items()
        if column not in {"policy_ref", "contact_ref", "staff_code", "branch_code"} and identity_kind(value)
    }
    assert found == set()
