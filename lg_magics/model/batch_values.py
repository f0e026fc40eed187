"""The settings of a batch as they were written, and the values that are given again because they look secret. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lg_magics.model.secrets import HIDDEN, Path

__all__ = ["CONFIGURABLE", "filled", "merged", "option_for", "path_words"]

CONFIGURABLE = "configurable"


def merged(written: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What was written with what is given in its place; a mapping inside a mapping is merged too."""
    result = dict(written)
    for name, value in given.items():
        held = result.get(name)
        result[name] = merged(held, value) if isinstance(held, Mapping) and isinstance(value, Mapping) else value
    return result


def filled(written: Any, known: Any) -> Any:
    """What was written with what is known in place of each hidden value."""
    if isinstance(written, str) and written == HIDDEN:
        return known
    if isinstance(written, Mapping) and isinstance(known, Mapping):
        return {name: filled(held, known[name]) if name in known else held for name, held in written.items()}
    if isinstance(written, list) and isinstance(known, list | tuple) and len(written) == len(known):
        return [filled(held, other) for held, other in zip(written, known, strict=True)]
    return written


def path_words(path: Path) -> str:
    """A path as a person writes it: `tools[0].token`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def option_for(kind: str, path: Path) -> str:
    """The option that gives a hidden value again; one inside another is given with the whole of it."""
    if kind in ("config", "context"):
        return f"--{kind} ${kind}"
    option, name = "-c" if kind == CONFIGURABLE else "--metadata", path[0]
    return f"{option} {name}=…" if len(path) == 1 else f"{option} {name}:=${name}"
