"""The domain: stages, cadence, coaching, KPIs. No Streamlit, no SQL, no clock."""
