"""LangGraph's own server with tracing on, as `langgraph dev` starts it: `python traced_server.py PORT ADDRESS`.

Traces go to `ADDRESS`, and so does whatever else would leave the machine. Knows nothing of lg_magics but a graph of its demo.
"""

from __future__ import annotations

import importlib
import os
import sys

GRAPHS = {"agent": "lg_magics.local.demo.agent:graph"}

if __name__ == "__main__":
    port, there = int(sys.argv[1]), sys.argv[2]
    os.environ |= {
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_ENDPOINT": there,
        "LANGSMITH_API_KEY": "no-key",
        "LANGSMITH_PROJECT": "its own",
        "LANGSMITH_CONTROL_PLANE_API_KEY": "",
        "LANGGRAPH_CLI_NO_ANALYTICS": "1",
        "LANGGRAPH_NO_VERSION_CHECK": "true",
        "HTTP_PROXY": there,
        "HTTPS_PROXY": there,
        "NO_PROXY": "127.0.0.1",
    }
    cli = importlib.import_module("langgraph_api.cli")
    cli.run_server(
        host="127.0.0.1", port=port, reload=False, graphs=GRAPHS, open_browser=False, n_jobs_per_worker=2, env={}
    )
