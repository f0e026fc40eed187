"""The graph of a notebook: from the cells that ran to one Python file that a server imports. Pure but for `load`."""
