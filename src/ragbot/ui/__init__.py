"""Streamlit pages; they only draw."""
