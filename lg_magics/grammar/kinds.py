"""The parameters that many commands share, each declared once. Depends on markers; on no command.

@command("crons", group="Crons")
def crons(session: Session, *, limit: Limit = 20, offset: Offset = 0, all: bool = False) -> Table: ...
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from lg_magics.grammar.parameters import AtLeast, AtMost, Option, Positional

__all__ = ["ASSISTANT", "THREAD", "Ago", "Check", "Durability", "Key", "Limit", "Multitask", "Offset", "Timeout", "Ttl"]

MOST = 10**9
"""More than any list holds, and less than any server counts to."""

Limit = Annotated[int, AtLeast(1), AtMost(MOST)]
"""The number of rows to show."""

Offset = Annotated[int, AtLeast(0), AtMost(MOST)]
"""The number of rows to skip."""

Timeout = Annotated[float | None, Option(value="SECONDS"), AtLeast(0, "seconds")]
"""The longest time to wait."""

Ago = Annotated[str | date | datetime | timedelta | None, Option(value="7d|DATE")]
"""A moment in the past: so long ago, or a date."""

Ttl = Annotated[float | str | timedelta | None, Option(value="7d|MINUTES", everyday=False)]
"""The time after which the deployment deletes an object."""

Key = Annotated[str | None, Option(value="KEY", everyday=False)]
"""The key of the graph's input that takes text as a message."""

Check = Annotated[bool, Option(everyday=False)]
"""Whether to refuse input that the graph surely cannot take."""

Multitask = Literal["reject", "enqueue", "interrupt", "rollback"]
"""What to do while another run is live on the thread."""

Durability = Literal["sync", "async", "exit"]
"""When the deployment writes checkpoints."""

THREAD = Positional(completes="thread", value="THREAD", short="-t")
"""A thread, as a positional or with `-t` or `--thread`."""

ASSISTANT = Positional(completes="assistant", value="NAME", short="-a")
"""An assistant, as a positional or with `-a` or `--assistant`."""
