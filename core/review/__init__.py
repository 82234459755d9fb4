"""The weekly review: what it shows, what it decides, and what of both is kept as shown."""
