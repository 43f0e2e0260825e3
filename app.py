"""Opens the app: `streamlit run app.py`."""

from ragbot.ui.app import main

main()
