"""The process of a branch: six steps closed by evaluation, and the six ones."""
