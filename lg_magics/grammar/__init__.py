"""What a typed line means: words, options, values, help. Knows signatures and docstrings; knows no session and no resource."""
