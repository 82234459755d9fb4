"""Which step of the process each action of the playbook carries out."""

from collections.abc import Iterable

from core.coaching.playbook import Action


def action_steps(playbook: Iterable[Action]) -> dict[str, str]:
    """Return the step of each action by its key; actions without one are left out."""
    named = {one.key: getattr(one, "step", None) for one in playbook}
    return {key: str(step) for key, step in named.items() if step is not None}
