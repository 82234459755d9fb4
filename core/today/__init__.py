"""What a supervisor owes today: one list, worst first, and whether the week has room for it."""
