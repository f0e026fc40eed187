"""The help of a command, of a noun and of all commands, from signatures and docstrings. Pure text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import groupby

from lg_magics.grammar.catalogue import magic_name
from lg_magics.grammar.parameters import MAGIC_OPTIONS, Parameter
from lg_magics.grammar.registry import Command

__all__ = ["help_of_all", "help_of_command", "help_of_noun"]

WIDTH = 100
_COLUMN = 30


def help_of_command(command: Command, *, with_rare: bool = False) -> str:
    """The help that `%lg_run?` shows; `with_rare` includes every option."""
    places = [each for each in command.parameters if not each.long]
    options = [each for each in (*command.options, *command.magic_options) if each.everyday or with_rare]
    parts = [
        _usage(command),
        _filled(command.summary),
        _filled(command.docstring.description),
        _rows((_spelled_place(each), each.help) for each in places),
        _rows((_spellings(each), each.help) for each in options),
        _example(command),
        f"In Python: {_python(command)}",
        _more(command, with_rare),
    ]
    return "\n\n".join(part for part in parts if part)


def help_of_noun(noun: str, of_noun: Sequence[Command]) -> str:
    """The verbs of a noun, one line each."""
    typed = f"%{magic_name(noun)}"
    rows = _rows((f"{each.verb} {_places(each)}".strip(), each.summary) for each in of_noun)
    return f"{typed} VERB …\n\n{rows}\n\nMore on one: {typed} {of_noun[0].verb} --help"


def help_of_all(commands: Iterable[Command]) -> str:
    """Every command under its group, one line each."""
    parts = []
    for group, of_group in groupby(sorted(commands, key=lambda each: each.group), key=lambda each: each.group):
        rows = _rows((f"{each.typed} {_places(each)}".strip(), each.summary) for each in of_group)
        parts.append(f"{group}\n{rows}")
    parts.append("More on one: %lg_run? or %lg_run --help. In Python: import lg_magics as lg; lg.run?")
    return "\n\n".join(parts)


def _usage(command: Command) -> str:
    usage = " ".join(filter(None, (command.typed, "[options]", _places(command))))
    if command.tail is None:
        return usage
    words = " ".join(filter(None, (command.typed, "[options]", *(_place(each) for each in command.positionals))))
    in_a_cell = f"or %{words}, and {command.tail.value} in the lines below"
    line = f"{usage}        {in_a_cell}"
    return line if len(line) <= WIDTH else f"{usage}\n{in_a_cell}"


def _places(command: Command) -> str:
    return " ".join(_place(each) for each in command.parameters if not each.long)


def _place(parameter: Parameter) -> str:
    value = f"{parameter.value} …" if parameter.many else parameter.value
    return value if parameter.required else f"[{value}]"


def _spelled_place(parameter: Parameter) -> str:
    """A positional, and the option that may stand for it: `THREAD, -t THREAD`."""
    return ", ".join(filter(None, (parameter.value, f"{parameter.short} {parameter.value}" if parameter.short else "")))


def _spellings(option: Parameter) -> str:
    if option is MAGIC_OPTIONS["help"]:
        shown = "--help [all]"
    elif option.role == "flag":
        shown = f"--[no-]{option.long[2:]}" if option.default is not False else f"{option.long} {option.value}".strip()
    else:
        shown = f"{option.long} {option.value}"
    return f"{option.short}, {shown}" if option.short else f"    {shown}"


def _rows(rows: Iterable[tuple[str, str]]) -> str:
    given = list(rows)
    column = min(_COLUMN, max((len(left) for left, _ in given), default=0)) + 4
    return "\n".join(_row(left, right, column) for left, right in given)


def _row(left: str, right: str, column: int) -> str:
    first = f"  {left}".ljust(column)
    if len(first) >= column and len(left) + 4 > column:
        first = f"{first}\n{' ' * column}"
    lines = textwrap.wrap(right, WIDTH - column, break_long_words=False, break_on_hyphens=False) or [""]
    return (first + f"\n{' ' * column}".join(lines)).rstrip()


def _filled(text: str) -> str:
    return "\n\n".join(
        textwrap.fill(" ".join(each.split()), WIDTH, break_long_words=False) for each in text.split("\n\n") if each
    )


def _example(command: Command) -> str:
    return "Example:\n" + textwrap.indent(command.example, "  ") if command.example else ""


def _python(command: Command) -> str:
    name = f"lg.{command.name.replace(' ', '.').replace('-', '_') or 'home'}"
    taken = [each.name for each in command.parameters if each.role in ("positional", "tail")]
    named = [f"{each.name}=…" for each in command.options if each.everyday][:2]
    more = ["…"] if len(command.options) > len(named) else []
    return f"{name}({', '.join((*taken, *named, *more))})"


def _more(command: Command, with_rare: bool) -> str:
    rare = [each for each in command.options if not each.everyday]
    if with_rare or not rare:
        return ""
    return f"{len(rare)} rare option{'s' * (len(rare) > 1)}: {command.typed} --help all"
