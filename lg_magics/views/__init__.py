"""Renders results as text and HTML. Depends on model and tables; knows no IPython, no widget and no network."""
