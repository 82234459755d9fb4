"""One script a screen; run by the entry script, never imported."""
