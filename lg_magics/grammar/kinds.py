"""The parameters that many commands share, each declared once. Knows markers; knows no command.

@command("crons", group="Crons")
def crons(session: Session, *, limit: Limit = 20, offset: Offset = 0, all: bool = False) -> Table: ...
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from lg_magics.grammar.parameters import AtLeast, AtMost, Option, Positional

__all__ = ["ASSISTANT", "THREAD", "Ago", "Check", "Key", "Limit", "Offset", "Timeout", "Ttl"]

MOST = 10**9
"""More than any list holds, and less than any server counts to."""

Limit = Annotated[int, AtLeast(1), AtMost(MOST)]
"""How many rows of a list are shown."""

Offset = Annotated[int, AtLeast(0), AtMost(MOST)]
"""After how many rows a list begins."""

Timeout = Annotated[float | None, Option(value="SECONDS"), AtLeast(0, "seconds")]
"""How long to wait."""

Ago = Annotated[str | datetime | timedelta | None, Option(value="7d|DATE")]
"""A moment in the past: so long ago, or a date."""

Ttl = Annotated[float | str | timedelta | None, Option(value="7d|MINUTES", everyday=False)]
"""How long something is kept."""

Key = Annotated[str | None, Option(value="KEY", everyday=False)]
"""Under which key of its input the graph takes a text as a message."""

Check = Annotated[bool, Option(everyday=False)]
"""Whether to refuse what the graph surely cannot take."""

THREAD = Positional(completes="thread", value="THREAD", short="-t")
"""A thread by its place, which `-t` and `--thread` name too."""

ASSISTANT = Positional(completes="assistant", value="NAME", short="-a")
"""An assistant by its place, which `-a` and `--assistant` name too."""
