"""A page for administrators."""

import streamlit as st

st.text("secret of administrators")
