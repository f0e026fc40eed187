"""Parses a Google docstring. Depends on text only; on no command and no notebook."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field

__all__ = ["Docstring", "docstring_from_text"]

_SECTION = re.compile(r"^(Args|Returns|Raises|Examples?|Yields|Notes?):[ \t]*$", re.M)
_ARGUMENT = re.compile(r"^\*{0,2}(\w+)(?: \([^)]*\))?:[ \t]*(.*)$")


@dataclass(frozen=True, slots=True)
class Docstring:
    """The parts of a docstring that the help uses."""

    summary: str = ""
    description: str = ""
    arguments: dict[str, str] = field(default_factory=dict)
    example: str = ""
    returns: str = ""
    raises: str = ""


def docstring_from_text(text: str | None) -> Docstring:
    """Split a Google docstring into its parts; missing parts are empty."""
    pieces = _SECTION.split(inspect.cleandoc(text or ""))
    summary, _, description = pieces[0].strip().partition("\n\n")
    sections = {
        name.rstrip("s"): inspect.cleandoc("\n" + body) for name, body in zip(pieces[1::2], pieces[2::2], strict=True)
    }
    return Docstring(
        summary=" ".join(summary.split()),
        description=description.strip(),
        arguments=_arguments(sections.get("Arg", "")),
        example=sections.get("Example", "").strip(),
        returns=sections.get("Return", "").strip(),
        raises=sections.get("Raise", "").strip(),
    )


def _arguments(section: str) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in section.splitlines():
        if match := _ARGUMENT.match(line):
            current = found.setdefault(match[1], [match[2]])
        else:
            current.append(line.strip())
    return {name: " ".join(" ".join(lines).split()) for name, lines in found.items()}
