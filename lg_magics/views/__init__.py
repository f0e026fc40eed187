"""Results become text and HTML here. Knows model and tables; knows no IPython, no widget and no network."""
