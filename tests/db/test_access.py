import pytest
from sqlalchemy import select

from core.facts import Actor, UserRole
from core.review.scope import ReviewScope, ScopeKind, narrowed
from db.access import NotAllowedError, branch_in_scope, require_role, scoped
from db.engine import reading, writing
from db.models import BranchRow, StaffRow
from tests.builders import ADMIN, add_branch, add_staff, head_of, manager_of, supervisor

CODES = {"E1": "东区/云州", "E2": "东区/云州二部", "E3": "东区/云州/湖滨", "W1": "西区_/岚川", "W2": "西区x/岚川"}


@pytest.fixture
def network(store):
    with writing(store) as session:
        for number, (code, region) in enumerate(CODES.items()):
            branch = add_branch(session, code, region=region, supervisor="li" if number % 2 else "wang")
            add_staff(session, branch, f"S-{code}")
    return store


def codes_for(url, actor):
    with reading(url) as session:
        return set(session.scalars(scoped(select(BranchRow.branch_code), actor, BranchRow.id)))


def test_an_administrator_sees_every_branch(network):
    assert codes_for(network, ADMIN) == set(CODES)


def test_a_manager_sees_the_subtree_and_no_unit_whose_name_only_begins_alike(network):
    assert codes_for(network, manager_of("东区/云州")) == {"E1", "E3"}


def test_signs_of_the_like_operator_in_a_path_are_plain_text(network):
    assert codes_for(network, manager_of("西区_")) == {"W1"}


def test_a_supervisor_sees_the_branches_that_name_him(network):
    assert codes_for(network, supervisor("li")) == {"E2", "W1"}


def test_a_team_a_manager_looks_at_ends_where_his_region_ends(network):
    team = narrowed(manager_of("东区/云州"), ReviewScope(ScopeKind.TEAM, "wang"))
    assert codes_for(network, team) == {"E1", "E3"}
    assert codes_for(network, narrowed(ADMIN, ReviewScope(ScopeKind.TEAM, "wang"))) == {"E1", "E3", "W2"}


def test_a_branch_head_sees_one_branch_and_its_people(network):
    with reading(network) as session:
        own = session.scalar(select(BranchRow).where(BranchRow.branch_code == "E1"))
        query = scoped(select(StaffRow.staff_code), head_of(own.id), StaffRow.branch_id)
        assert session.scalars(query).all() == ["S-E1"]
    assert codes_for(network, head_of(own.id)) == {"E1"}


@pytest.mark.parametrize("role", [UserRole.MANAGER, UserRole.BRANCH_HEAD, UserRole.SUPERVISOR])
def test_a_role_without_its_bound_sees_nothing(network, role):
    assert codes_for(network, Actor(user_id=1, username="", display_name="", role=role)) == set()


def test_a_foreign_branch_is_refused_like_one_that_does_not_exist(network):
    with reading(network) as session:
        foreign = session.scalar(select(BranchRow.id).where(BranchRow.branch_code == "E1"))
        for branch_id in (foreign, 999_999):
            with pytest.raises(NotAllowedError, match=r"^not one of your branches$"):
                branch_in_scope(session, actor=supervisor("li"), branch_id=branch_id)


def test_a_role_outside_the_list_is_refused():
    with pytest.raises(NotAllowedError):
        require_role(supervisor(), UserRole.ADMIN, UserRole.MANAGER)
