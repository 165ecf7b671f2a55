"""Frames in, Plotly figures out, as plain dicts: building them costs nothing, and only Streamlit's side reads them."""
