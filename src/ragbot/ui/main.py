"""The script that `ragbot ui` hands to Streamlit."""

from ragbot.ui.app import main

main()
