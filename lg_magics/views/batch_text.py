"""A batch's card as plain text, the same each time: no ids and no times. Depends on the card alone.

error · batch of 20 runs · agent · “weather in {city}”
  18 success · 2 error

row 3 · agent: ValueError: no results
"""

from __future__ import annotations

from lg_magics.model.visible_text import visible_line
from lg_magics.views.batch_card import BatchCard

__all__ = ["batch_text"]


def batch_text(card: BatchCard) -> str:
    """The card in plain text: its status, how many ended how, what must be known beside it, the first failures."""
    view = card.view
    runs = f"batch of {view.total:,} run{'s' * (view.total != 1)}"
    source = f"“{card.source}”" if card.source else ""
    head = " · ".join(word for word in (view.status, runs, card.assistants, source) if word)
    counts = " · ".join(f"{count:,} {status}" for status, count in view.counted.items())
    failures = [f"row {each.row} · {each.assistant}: {each.error}" for each in card.failures]
    if card.more_failures:
        failures.append(f"… and {card.more_failures:,} more")
    parts = ([head, f"  {counts}"], card.notes, failures)
    return "\n\n".join("\n".join(map(visible_line, lines)) for lines in parts if lines)
