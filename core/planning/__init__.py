"""The supervisor's week: plan, do, check, act. Numbers people may change are rows of `rules.csv` and `causes.csv`."""
