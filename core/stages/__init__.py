"""Stages: which of the five life-cycle stages a branch is in, how sure that is, and why."""
