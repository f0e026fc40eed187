"""Which calls a deployment lacks: asked for nothing, once for each connection. Knows paths; changes nothing there.

What a deployment says of itself (`/info`) tells of no route, and its `/openapi.json` nothing of a gateway before it. So each call
is made with something that cannot be: an empty page, a thread that nobody has, a run without an assistant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lg_magics.errors import DeploymentError, Unsupported

if TYPE_CHECKING:
    from lg_magics.server.connection import Connection

__all__ = ["lacking"]

NOBODY = "00000000-0000-0000-0000-000000000000"
PROBES: Mapping[str, tuple[str, Mapping[str, Any] | None]] = {
    "list of assistants": ("/assistants/search", {"limit": 1}),
    "list of threads": ("/threads/search", {"limit": 1}),
    "copy of threads": (f"/threads/{NOBODY}/copy", None),
    "stateless runs": ("/runs", {}),
    "store": ("/store/namespaces", {"limit": 1}),
    "crons": ("/runs/crons/search", {"limit": 1}),
}
"""What may be lacking, by the words that `doing(feature=…)` has for it."""


def lacking(connection: Connection) -> list[str]:
    """What this deployment has no call for, in words: `crons`. Asked on the first time, remembered then.

    Raises:
        Unreachable: the deployment does not answer any more.
    """
    if not connection.is_probed:
        for feature, (path, body) in PROBES.items():
            _probe(connection, feature, path, body)
        connection.is_probed = True
    said = connection.info.flags
    return sorted(connection.lacking | {feature for feature in PROBES if said.get(feature) is False})


def _probe(connection: Connection, feature: str, path: str, body: Mapping[str, Any] | None) -> None:
    missing = "such thread" if NOBODY in path else ""
    try:
        with connection.doing("look what it can do", missing=missing, feature=feature):
            connection.sync.http.post(path, json=dict(body) if body is not None else None)
    except Unsupported:
        pass  # `doing` has noted it
    except DeploymentError as problem:
        if problem.status_code is None:
            raise  # it did not answer; a refusal is an answer
