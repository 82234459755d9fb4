"""What the filters offer: the values that occur among the branches the reader sees."""

from core.portfolio import FilterOptions
from db.branches import filter_options as options_in_scope
from db.engine import reading
from db.planning_rows import names_of
from pages.parts.store.base import Ask, cached


@cached
def supervisor_names(ask: Ask) -> dict[str, str]:
    """Return the names of the supervisors in scope who have an account, by user name."""
    with reading(ask.store_url) as session:
        return names_of(session, filter_options(ask).supervisors)


@cached
def filter_options(ask: Ask) -> FilterOptions:
    """Return regions (with every unit above them), banks, cities and supervisors in the scope, sorted."""
    with reading(ask.store_url) as session:
        return options_in_scope(session, actor=ask.actor)
