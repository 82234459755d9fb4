"""The only door from the screens to the store: one module a subject, all caching here."""
