"""A city drawn in full: its plan, days, branches and people. Policies and contacts are drawn from it."""

from dataclasses import dataclass

from core.calendar import WorkingCalendar
from core.sample.network import Network, network_of
from core.sample.people import People, people_of
from core.sample.plan import CityPlan, SampleDays


@dataclass(frozen=True)
class City:
    """What policies and contacts are drawn from."""

    plan: CityPlan
    days: SampleDays
    network: Network
    people: People


def city_of(plan: CityPlan, calendar: WorkingCalendar | None = None) -> City:
    """Draw a city; without a calendar the statutory one holds."""
    network = network_of(plan)
    return City(plan, SampleDays.of(plan, calendar or WorkingCalendar()), network, people_of(plan, network))
