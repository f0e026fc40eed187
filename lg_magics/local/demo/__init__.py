"""The demo deployment's package. Knows four small graphs; nobody imports it, and it imports nothing of ours.

The embedded server loads the graphs by the names in `langgraph.json`. They run offline, need no key, and
answer the same way every time, so that a notebook can be run again and compared.
"""
