"""What changed between the runs of a row, in words: the tools that they call, and how they end. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from lg_magics.model.outcomes import Outcome

__all__ = ["status_changed", "tools_changed"]


def tools_changed(before: Sequence[Outcome], after: Sequence[Outcome]) -> str:
    """What changed in the tools: `calls cancel_order 3 times instead of 1, no longer calls find_order`."""
    if Counter(each.tools for each in before) == Counter(each.tools for each in after):
        return ""
    counts = [Counter(name for each in side for name in each.tools) for side in (before, after)]
    said = []
    for name in dict.fromkeys(name for each in (*after, *before) for name in each.tools):
        was, now = (count[name] for count in counts)
        if was and now and was != now:
            said.append(f"calls {name} {_times(now, len(after))} instead of {_times(was, len(before))}")
        elif was != now:
            said.append(f"calls {name}" if now else f"no longer calls {name}")
    return ", ".join(said) or "calls tools in another order"


def _times(count: int, repeats: int) -> str:
    share = count / max(1, repeats)
    return f"{share:g} time{'s' * (share != 1)}" if share == int(share) else f"{share:.1f} times"


def status_changed(before: Sequence[Outcome], after: Sequence[Outcome]) -> str:
    """What changed in how the runs ended: `error instead of success`."""
    was, now = (_statuses(side) for side in (before, after))
    return "" if was == now else f"{now} instead of {was}"


def _statuses(side: Iterable[Outcome]) -> str:
    counts = Counter(each.status for each in side)
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
