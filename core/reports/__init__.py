"""Files that leave the app."""
