"""Changes in words: what was changed, which of its fields, from what to what."""
