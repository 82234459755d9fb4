# The gate, locally; .ci/run does the same on a clean machine.
check:
	ruff check . && ruff format --check . && mypy && lint-imports && pytest

# Repairs what can be repaired.
fix:
	ruff check --fix . && ruff format .

# The figures of the README.
bench:
	python benchmarks/imports.py && python benchmarks/stages.py && python benchmarks/pages.py && python benchmarks/sessions.py

.PHONY: check fix bench
