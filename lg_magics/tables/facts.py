"""A few labeled facts about one object, and lines to type next. Renders nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lg_magics.model.result import Result

__all__ = ["Facts"]


@dataclass(frozen=True)
class Facts(Result):
    """Facts about one object.

    Attributes:
        title: the first line, a sentence or a name.
        facts: (label, words), in order.
        lines: magics to type next, each with its effect.
        warning: a prominent line.
        chip: a word in red beside the title: `protected`.
        data: the same data for programs.
    """

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    warning: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    chip: str = ""

    def __repr__(self) -> str:
        return f"<{self.title}>"

    def __getitem__(self, label: str) -> Any:
        return self.data[label] if label in self.data else dict(self.facts)[label]
