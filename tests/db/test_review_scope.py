import pytest

from core.facts import Actor
from core.review.scope import ReviewScope, ScopeKind, narrowed, review_scope
from db.access import NotAllowedError
from db.branches import branches_in_scope
from db.engine import reading, writing
from db.review_scope import require_scope, scopes_of
from tests.builders import ADMIN, add_branch, add_unit, head_of, manager_of, supervisor
from tests.db.scope_world import TODAY

ALL = ReviewScope(ScopeKind.ALL)
MANAGER = manager_of("东区/云州")


@pytest.fixture
def network(store: str) -> str:
    """Two teams, one of which reaches beyond the manager's region; a unit without branches."""
    with writing(store) as session:
        add_branch(session, "E1", region="东区/云州", supervisor="li")
        add_branch(session, "E2", region="东区/云州/湖滨", supervisor="wang")
        add_branch(session, "E3", region="东区/云州北", supervisor="wang")
        add_branch(session, "W1", region="西区", supervisor="zhao")
        add_unit(session, "东区/云州/空")
    return store


def is_his(store: str, actor: Actor, words: str) -> bool:
    scope = review_scope(words)
    assert scope is not None
    with reading(store) as session:
        try:
            require_scope(session, actor=actor, scope=scope)
        except NotAllowedError:
            return False
    return True


@pytest.mark.parametrize(
    ("actor", "his", "not_his"),
    [
        pytest.param(
            ADMIN,
            ["all", "region:东区", "region:东区/云州", "region:东区/云州/空", "team:wang"],
            ["region:北区", "region:东", "team:nobody"],
            id="administrator",
        ),
        pytest.param(
            MANAGER,
            ["region:东区/云州", "region:东区/云州/湖滨", "team:li", "team:wang"],
            ["all", "region:东区", "region:东区/云州北", "region:东区/云州/无", "team:zhao"],
            id="manager",
        ),
        pytest.param(supervisor("li"), ["team:li"], ["all", "region:东区/云州", "team:wang"], id="supervisor"),
        pytest.param(supervisor("nobody"), [], ["team:nobody"], id="supervisor without branches"),
        pytest.param(head_of(1), [], ["all", "region:东区/云州", "team:li", "team:head"], id="branch head"),
        pytest.param(manager_of(""), [], ["all", "region:东区", "team:li"], id="manager without region"),
    ],
)
def test_a_scope_is_his_where_all_of_it_lies_in_his_own(network, actor, his, not_his):
    assert [words for words in [*his, *not_his] if is_his(network, actor, words)] == his


def test_what_is_offered_is_his_and_the_widest_comes_first(network):
    offered = {}
    for actor in (ADMIN, MANAGER, supervisor("li"), supervisor("nobody"), head_of(1)):
        with reading(network) as session:
            offered[actor.scope_key] = [str(scope) for scope in scopes_of(session, actor=actor)]
        assert all(is_his(network, actor, words) for words in offered[actor.scope_key])
    assert offered == {
        "all": [
            "all",
            *("region:东区", "region:东区/云州", "region:东区/云州/湖滨", "region:东区/云州北", "region:西区"),
            *("team:li", "team:wang", "team:zhao"),
        ],
        "region:东区/云州": ["region:东区/云州", "region:东区/云州/湖滨", "team:li", "team:wang"],
        "supervisor:li": ["team:li"],
        "supervisor:nobody": [],
        "branch:1:head": [],
    }


def test_no_scope_shows_a_branch_its_chair_does_not_see(network):
    with reading(network) as session:
        for actor in (ADMIN, MANAGER, supervisor("wang")):
            own = set(branches_in_scope(session, actor=actor, as_of=TODAY)["branch_code"].to_pylist())
            for scope in scopes_of(session, actor=actor):
                shown = branches_in_scope(session, actor=narrowed(actor, scope), as_of=TODAY)["branch_code"].to_pylist()
                assert own.issuperset(shown)
                assert shown
