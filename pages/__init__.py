"""All Streamlit: the entry script, the guard, the screens and what they share."""
