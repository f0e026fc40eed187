"""A batch's card as plain text, the same each time: no ids and no times. Knows the card's JSON and nothing else.

error · batch of 20 runs · agent · “weather in {city}”
  18 success · 2 error

row 3 · agent: ValueError: no results
"""

from __future__ import annotations

from lg_magics.model.visible_text import visible_text
from lg_magics.views.batch_card import BatchCard, BatchFailure

__all__ = ["batch_text"]


def batch_text(card: BatchCard) -> str:
    """The card in plain text: its status, how many ended how, what must be known beside it, the first failures."""
    runs = f"batch of {card['runs']:,} run{'s' * (card['runs'] != 1)}"
    source = f"“{card['source']}”" if card["source"] else ""
    head = " · ".join(word for word in (card["status"], runs, card["assistants"], source) if word)
    counts = " · ".join(f"{count:,} {status}" for status, count in card["counts"])
    parts = [f"{head}\n  {counts}", "\n".join(card["notes"])]
    failures = [_failure(each) for each in card["failures"]]
    if card["more_failures"]:
        failures.append(f"… and {card['more_failures']:,} more")
    parts.append("\n".join(failures))
    return visible_text("\n\n".join(part for part in parts if part))


def _failure(failure: BatchFailure) -> str:
    return f"row {failure['row']} · {failure['assistant']}: {failure['error']}"
