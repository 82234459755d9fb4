"""The self-check of a branch head: fifteen questions a month, scored, and held against the records.

It never changes a stage. Nothing in it is about a person, and no branch is ranked against another.
"""
