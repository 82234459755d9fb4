"""Customer events of a branch: what may be planned for whom, and what came of it, in counts only."""
