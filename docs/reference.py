"""Writes reference.md from the commands' signatures and docstrings: `python docs/reference.py`, or `--check` if it is fresh."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from generated import write_or_check

from lg_magics.grammar.lookup import commands
from lg_magics.grammar.parameters import Parameter
from lg_magics.grammar.registry import Command

PAGE = Path(__file__).parent / "reference.md"
HEAD = """# Reference

Every command is a magic and a function: `%lg_thread use t2` is `lg.thread.use("t2")`; long options are its keyword arguments,
with underscores. Every magic also takes `--help`, `--quiet` and `-o NAME` (bind the result), and a magic that takes text takes
`-f` (fill in `{name}` from Python). [How a line is read](lines.md) has the rest.

*This page is generated; `make docs` writes it.*
"""


def reference() -> str:
    """The whole page."""
    grouped = groupby(sorted(commands(), key=lambda each: each.group), key=lambda each: each.group)
    return HEAD + "".join(f"\n## {name}\n" + "".join(map(section, group)) for name, group in grouped)


def section(command: Command) -> str:
    """One command: what it does, what it takes, what it gives, how it fails, an example."""
    return "\n" + "\n\n".join(part for part in parts(command) if part) + "\n"


def parts(command: Command) -> Iterator[str]:
    """The parts of a command's section, in their order."""
    docstring = command.docstring
    yield f"### `{command.typed}`"
    yield docstring.summary
    yield docstring.description
    yield table(command)
    yield f"**Returns** {flat(docstring.returns)}" if docstring.returns else ""
    yield f"**Raises** {flat(docstring.raises)}" if docstring.raises else ""
    yield f"```\n{command.example}\n```" if command.example else ""


def table(command: Command) -> str:
    """The parameters as a table."""
    rows = [f"| {spelling(each)} | {cell(each.help)} |" for each in command.parameters]
    return "\n".join(["| | |", "|---|---|", *rows]) if rows else ""


def spelling(parameter: Parameter) -> str:
    """How a parameter is typed."""
    if not parameter.long:
        named = "".join(f", `{flag}`" for flag in parameter.flags)
        return f"`{cell(parameter.value)}`{named}{'' if parameter.required else ' (optional)'}"
    value = f" {parameter.value}" if parameter.value else ""
    short = f"`{parameter.short}`, " if parameter.short else ""
    return f"{short}`{cell(parameter.shown + value)}`"


def cell(text: str) -> str:
    """Text that may stand in a table."""
    return text.replace("|", "\\|")


def flat(text: str) -> str:
    """Several lines as one."""
    return " ".join(text.split())


if __name__ == "__main__":
    write_or_check(PAGE, reference())
