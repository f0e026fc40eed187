"""Calls to a deployment. The only package that imports langgraph_sdk and httpx, both on first use."""
