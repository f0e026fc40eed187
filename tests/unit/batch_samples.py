"""Batches at moments that their cards must show."""

from __future__ import annotations

from collections.abc import Mapping

from lg_magics.model.batch import BatchView, Failure
from lg_magics.views.batch_card import BatchCard, batch_card

__all__ = ["SAMPLES", "card"]

NOW = 1_000_100.0
BEGAN = 1_000_000.0
THREAD = "0d1a3f62-8f0c-5b8e-9a55-3a1f5f0e6b21"
EVIL = "<img src=x onerror=alert(1)>"
FAILURES = (
    Failure(3, "agent", "ValueError: no results", "t12", THREAD),
    Failure(7, "agent", "Not sent: the cell of 'city' is empty."),
)

SAMPLES: Mapping[str, BatchView] = {
    "preparing": BatchView({"not started": 400}, prepared=120, to_prepare=400),
    "running": BatchView(
        {"success": 180, "error": 2, "live": 10, "not started": 208},
        "running",
        began_at=BEGAN,
        ended_here=182,
        tokens=12_345,
        max_tokens=50_000,
        failures=FAILURES,
    ),
    "cancelling": BatchView(
        {"success": 3, "live": 1, "not started": 6}, "running", is_cancelled=True, is_cancelling=True, began_at=BEGAN
    ),
    "cancelled": BatchView(
        {"success": 3, "cancelled": 1, "not started": 6},
        "ended",
        is_cancelled=True,
        began_at=BEGAN,
        ended_at=BEGAN + 2,
        ended_here=4,
    ),
    "success": BatchView({"success": 20}, "ended", began_at=BEGAN, ended_at=BEGAN + 2.5, ended_here=20, tokens=987),
    "waiting": BatchView({"success": 2, "waiting": 1}, "ended", began_at=BEGAN, ended_at=BEGAN + 2.5, ended_here=3),
    "error": BatchView(
        {"success": 1990, "error": 1207, "timeout": 3},
        "ended",
        began_at=BEGAN,
        ended_at=BEGAN + 4000,
        ended_here=3200,
        notes=("attached: 20 had ended, 0 were live",),
        failures=FAILURES,
    ),
    "stopped": BatchView(
        {"success": 12, "not started": 8},
        "ended",
        stopped="its 1,000 tokens are used",
        began_at=BEGAN,
        ended_at=BEGAN + 2,
        ended_here=12,
        tokens=1204,
        max_tokens=1000,
    ),
    "hostile": BatchView(
        {"error": 1}, "ended", notes=(EVIL,), stopped=EVIL, failures=(Failure(0, EVIL, EVIL, EVIL, EVIL),)
    ),
}


def card(name: str) -> BatchCard:
    """The card of a sample."""
    view, is_hostile = SAMPLES[name], name == "hostile"
    return batch_card(
        view,
        id=EVIL if is_hostile else "k7f2-9qd4",
        deployment=EVIL if is_hostile else "local",
        assistants=[EVIL] if is_hostile else ["agent", "mine"],
        source=EVIL if is_hostile else "Weather in {city}?",
        now=NOW,
        is_protected=name == "error",
        can_attach=name != "waiting",
        can_retry=view.failed - (name == "running"),
    )
