"""What a session reads in the background a moment after it has connected, read at once: later requests are all a test's own."""

from __future__ import annotations

from lg_magics.actions.schema_cache import known_schemas
from lg_magics.session import Session

__all__ = ["read_ahead"]


def read_ahead(session: Session) -> None:
    """Read the schemas of the current assistant now; nothing asks for them again."""
    if assistant := session.selection.assistant:
        known_schemas(session, assistant, wait=True, wait_seconds=120)
