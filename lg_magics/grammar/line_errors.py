"""The errors of a line, with a hint of what to type instead. Depends on the command that was called; reads no line."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from lg_magics.errors import CommandError
from lg_magics.grammar.registry import Command

__all__ = ["misfit", "option_after_text", "too_many", "unknown_option"]


def unknown_option(command: Command, flag: str, known: Iterable[str]) -> CommandError:
    """The error of an option that the command does not have."""
    near = _nearest(flag, known)
    hint = f"Did you mean {near}?" if near else f"{command.typed} --help lists them."
    if command.tail:
        hint += f" Text that begins with a dash: {command.typed} -- {_short(flag)} …"
    return CommandError(f"{command.typed} has no option {_short(flag)}.", hint=hint)


def misfit(function: str, problem: str, given: Iterable[str], known: Collection[str]) -> CommandError:
    """The error of a Python call that does not fit the function's signature; `problem` is Python's message."""
    stray = next((name for name in given if name not in known), "")
    near = _nearest(stray, known) if stray else ""
    return CommandError(
        f"{function}: {problem}.", hint=f"Did you mean {near}=?" if near else f"{function}? shows what it takes."
    )


def too_many(command: Command, rest: str) -> CommandError:
    """The error of words that the command does not take."""
    wanted = " ".join(each.value for each in command.positionals)
    takes = f"takes only {wanted}" if wanted else "takes no text"
    return CommandError(
        f"{command.typed} {takes}, got {_short(rest.strip())!r}.",
        hint=f"{command.typed} --help shows what it takes.",
    )


def option_after_text(command: Command, before: str, text: str, options: str) -> CommandError:
    """The error of an option after the text, where it would be sent as text."""
    head = f"{command.typed} {before.strip()}".strip()
    text, options = _short(text.strip()), options.strip()
    return CommandError(
        f"{options.split()[0]} comes after the text.",
        hint=f"As an option: {head} {options} {text}   As text: {head} -- {text} {options}",
    )


def _nearest(flag: str, known: Iterable[str]) -> str:
    """`--assistant` for `--asistant`, `--wait` for `-wait`, `--help` for `-h`."""
    by_letters = {each.lstrip("-"): each for each in known}
    if flag == "-h":
        return "--help"
    near = difflib.get_close_matches(flag.lstrip("-"), by_letters, n=1)
    return by_letters[near[0]] if near else ""


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
