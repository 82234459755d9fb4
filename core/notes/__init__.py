"""Notes of a coaching session in four fields, what was promised in them, and the handover of a branch."""
