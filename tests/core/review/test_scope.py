import pytest

from core.facts import Actor, UserRole
from core.review.scope import ReviewScope, ScopeKind, narrowed, review_scope, widest_scope

MANAGER = Actor(1, "ma", "Ma", UserRole.MANAGER, region_path="浙江分公司")


@pytest.mark.parametrize(
    "scope",
    [
        ReviewScope(ScopeKind.ALL),
        ReviewScope(ScopeKind.REGION, "浙江分公司/杭州中支"),
        ReviewScope(ScopeKind.TEAM, "li:x"),
    ],
    ids=str,
)
def test_an_address_gives_back_the_scope_it_was_made_of(scope: ReviewScope) -> None:
    assert review_scope(str(scope)) == scope


@pytest.mark.parametrize("words", ["", "all:x", "region", "region:", "team:", "city:1"])
def test_an_address_that_names_no_scope_gives_none(words: str) -> None:
    assert review_scope(words) is None


def test_a_scope_is_asked_about_as_the_one_who_sees_just_its_branches() -> None:
    assert narrowed(MANAGER, ReviewScope(ScopeKind.ALL)) == MANAGER
    assert (
        narrowed(MANAGER, ReviewScope(ScopeKind.REGION, "浙江分公司/杭州中支")).scope_key
        == "region:浙江分公司/杭州中支"
    )
    assert narrowed(MANAGER, ReviewScope(ScopeKind.TEAM, "li")).scope_key == "supervisor:li@浙江分公司"
    supervisor = Actor(3, "li", "Li", UserRole.SUPERVISOR)
    assert narrowed(supervisor, ReviewScope(ScopeKind.TEAM, "li")).scope_key == "supervisor:li"


def test_the_widest_scope_is_what_the_actor_sees() -> None:
    admin = Actor(2, "an", "An", UserRole.ADMIN)
    supervisor = Actor(3, "li", "Li", UserRole.SUPERVISOR)
    for actor in (admin, MANAGER, supervisor):
        assert narrowed(actor, widest_scope(actor)).scope_key == actor.scope_key


def test_two_heads_of_one_branch_have_each_their_own_answers() -> None:
    head, deputy = (Actor(4, name, name, UserRole.BRANCH_HEAD, branch_id=1) for name in ("head", "deputy"))
    assert head.scope_key != deputy.scope_key, "what one of them owns is told to him alone"
