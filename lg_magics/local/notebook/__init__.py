"""Turn the executed cells of a notebook into one Python file with its graph, for a server to import. Pure except `load`."""
