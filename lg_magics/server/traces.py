"""Where the trace of a run is in LangSmith: the project that a user named, and whether a run is traced. Makes no requests.

A deployment traces a run under the run's own id, into its own project (LANGSMITH_PROJECT). `langsmith_tracing` adds a copy in
another project, under another id, so that only the deployment's project has the trace under an id that is known here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from lg_magics.errors import SettingsError
from lg_magics.model.records import RunRecord
from lg_magics.server.deployment import is_loopback

__all__ = ["is_traced", "project_from_address"]

LONGEST = 300
EXAMPLE = "%lg_set --langsmith https://smith.langchain.com/o/ORG/projects/p/PROJECT"
PROJECT = re.compile(r"(?:/[\w.~-]+)*?/o/[\w.~-]+/projects/p/[\w.~-]+", re.ASCII)


def project_from_address(address: str) -> str:
    """Return the address of a LangSmith project, from that of any of its pages; "" for "".

    Raises:
        SettingsError: it is not such an address, it is not https (nor on this machine), or it holds a user or password.
    """
    if not address:
        return ""
    wrong = "This is not the address of a LangSmith project"
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise SettingsError(f"{wrong}.", hint=EXAMPLE) from None
    if parts.username is not None or parts.password is not None:
        raise SettingsError(f"{wrong}: it holds a user or password, which would be shown.", hint=EXAMPLE)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise SettingsError(f"{wrong}: it must begin with https://.", hint=EXAMPLE)
    found = PROJECT.match(parts.path)
    is_host = host.isascii() and host.isprintable() and not re.search(r"[\s\"'<>\\\\]", host)
    if not found or not host or not is_host or len(address) > LONGEST:
        raise SettingsError(f"{wrong}: it has no /o/ORG/projects/p/PROJECT.", hint=EXAMPLE)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{found.group()}"


def is_traced(row: RunRecord, flags: Mapping[str, bool], *, names_project: bool) -> bool:
    """Return whether a deployment traces a run to LangSmith.

    Args:
        row: the run's row; `langsmith_session_name` is the name of the project that it is traced to (langgraph-api 0.16).
        flags: the deployment's features; `langsmith_tracing_session_on_runs` says that each traced run has this field, and
            `langsmith` that a deployment before that traces.
        names_project: whether the run was launched with the name of a project.
    """
    if row.text("langsmith_session_name"):
        return True
    if flags.get("langsmith_tracing_session_on_runs"):
        return False
    return names_project or flags.get("langsmith") is True
