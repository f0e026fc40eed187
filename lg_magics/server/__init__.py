"""The conversation with a deployment: the only importer of langgraph_sdk and httpx (both on first use)."""
