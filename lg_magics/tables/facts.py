"""A few facts about one thing, each with its label, and lines to type next. Draws nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lg_magics.model.result import Result

__all__ = ["Facts"]


@dataclass(frozen=True)
class Facts(Result):
    """What is to be said of one thing.

    Attributes:
        title: the first line, a whole sentence or a name.
        facts: (label, words), in order.
        lines: magics to type next, each with a word on what it does.
        warning: a line that must not be overlooked.
        chip: a word in red beside the title: `protected`.
        data: the same for programs.
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
