"""Coaching: the playbook of actions as data, what fits a branch now, and the rules of logging a contact."""
