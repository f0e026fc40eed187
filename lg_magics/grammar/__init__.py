"""The grammar of a line: words, options, values, help. Depends on signatures and docstrings; on no session and no resource."""
