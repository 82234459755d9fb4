"""Import files: read, check, compare, store, undo. `data-formats` of the README says what files hold.

The verbs are in `run.py` (preview and import), `undo.py` and `log.py`; templates in `templates.py`.
"""
