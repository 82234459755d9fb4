"""Contacts made against contacts owed: targets as dated rows, attainment as arrays."""
