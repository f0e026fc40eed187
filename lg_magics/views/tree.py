"""A value as a small tree in HTML: what is long or deep is folded, what is huge is cut. Knows JSON; knows no result."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lg_magics.views.escape import Html, element, fragment
from lg_magics.views.frame import fold, shortened

__all__ = ["one_line", "tree"]

SHORT = 100
DEEPEST = 20
MOST_ITEMS = 100
LONGEST = 50_000
LONGEST_INSIDE = 2_000
FOLDED = 400


def one_line(value: Any) -> str:
    """A text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def tree(value: Any, depth: int = 0) -> Html:
    """A value as a small tree; what is long or deep is folded."""
    if isinstance(value, Mapping | list) and value and depth < DEEPEST:
        plain = one_line(value) if depth else ""
        if plain and len(plain) <= SHORT:
            return element("code", plain)
        return fold(_summary(value), element("table", element("tbody", *_branches(value, depth))))
    text, cut = shortened(one_line(value), LONGEST_INSIDE if depth else LONGEST)
    if len(text) > FOLDED:
        more = f"… {cut:,} more characters" if cut else ""
        return fold(f"{text[:SHORT]}…  {len(text) + cut:,} characters", element("pre", text, more))
    return element("code", text) if not isinstance(value, str) else fragment(text)


def _summary(value: Any) -> str:
    count = len(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(map(str, list(value)[:4]))}{', …' if count > 4 else ''}}}"
    return f"list of {count}"


def _branches(value: Any, depth: int) -> Iterator[Html]:
    pairs = list(value.items() if isinstance(value, Mapping) else enumerate(value))
    for key, inner in pairs[:MOST_ITEMS]:
        yield element("tr", element("td", str(key), class_="lg-key"), element("td", tree(inner, depth + 1)))
    if len(pairs) > MOST_ITEMS:
        yield element("tr", element("td", "…"), element("td", f"{len(pairs) - MOST_ITEMS} more"))
