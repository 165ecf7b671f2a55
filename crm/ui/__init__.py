"""The Streamlit parts that pages share; no page invents its own."""
