"""All SQL: mapped rows, named questions, changes. Takes and returns core records or documented frames."""
