"""Python names in a line: `$run.thread_id` is the object, `{name}` its text. Depends only on the names that it gets.

Attributes and indexes may follow a name. Calls, and names that begin with two underscores, are not allowed.
"""

from __future__ import annotations

import difflib
import re
import string
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from lg_magics.errors import CommandError, type_phrase
from lg_magics.model.json_text import strict_json

__all__ = [
    "PATH",
    "filled_json",
    "interpolated",
    "joined_paths",
    "json_with_names",
    "path_from_text",
    "paths_from_text",
    "value_of",
]

_ONE = r"""\$[^\W\d]\w*(?:\.[^\W\d]\w*|\[(?:-?\d{1,18}|'[^'\]]*'|"[^"\]]*")\])*"""
PATH = re.compile(rf"{_ONE}(?:,{_ONE})*(?![^ \t\n\r\f\v])")
"""A `$name` with attributes and indexes, or several, `$f,$g`, up to the end of the token."""
_PARTS = re.compile(_ONE)
_WORDS = re.compile(rf"{_ONE}(?:(?:,|\s+){_ONE})*\s*")

_TOKEN = re.compile(rf'"(?:[^"\\]|\\.)*"|{_ONE}|[\[\]{{}}]|[^"$\[\]{{}}]+')
"""The tokens of JSON with `$name`s in it: strings, names, brackets, and the text between them."""

_STEP = re.compile(r"""\.([^\W\d]\w*)|\[(-?\d{1,18})\]|\['([^'\]]*)'\]|\["([^"\]]*)"\]|\[([^\]\s'"]+)\]""")
_ROOT = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Path:
    """A name and the attributes (`str`) and indexes (one-tuples) that follow it."""

    shown: str
    root: str
    steps: tuple[str | tuple[int | str], ...]


def path_from_text(text: str) -> Path | None:
    """Read `run.items[0]`; None if it is anything else."""
    root = _ROOT.match(text)
    if root is None:
        return None
    at, steps = root.end(), list[str | tuple[int | str]]()
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None:
            return None
        attribute, number, *keys = step.groups()
        steps.append(attribute or (int(number) if number else next(key for key in keys if key is not None),))
        at = step.end()
    return Path(text, root[0], tuple(steps))


def paths_from_text(text: str) -> list[Path] | None:
    """Read what PATH matches, `$run.items[0]` or `$f,$g`; None if it is anything else."""
    found = [path_from_text(part[1:]) for part in _PARTS.findall(text)]
    paths = [path for path in found if path]
    return paths if paths and len(paths) == len(found) and PATH.fullmatch(text) else None


def joined_paths(text: str) -> str:
    """Return `$a $b` as `$a,$b`; the text unchanged if one of its words is anything else."""
    return ",".join(_PARTS.findall(text)) if _WORDS.fullmatch(text) else text


def value_of(path: Path, names: Mapping[str, object]) -> object:
    """The object that a path leads to.

    Raises:
        CommandError: There is no such name, attribute or index. Errors of a property are not converted.
    """
    if path.root not in names:
        raise _no_such_name(path, names)
    value = names[path.root]
    for step in path.steps:
        value = _attribute(path, value, step) if isinstance(step, str) else _item(path, value, step[0])
    return value


def json_with_names(text: str, at: int) -> str | None:
    """The JSON in brackets that begins at `at` and holds `$name`s outside of its strings; None if there is none."""
    depth, start, has_names = 0, at, False
    while token := _TOKEN.match(text, at):
        at = token.end()
        depth += (token[0] in "[{") - (token[0] in "]}")
        has_names |= token[0].startswith("$")
        if depth == 0:
            word = text[start:at]
            return word if has_names and _is_json(_TOKEN.sub(_as_null, word)) else None
    return None


def _as_null(token: re.Match[str]) -> str:
    return "null" if token[0].startswith("$") else token[0]


def _is_json(text: str) -> bool:
    try:
        strict_json(text)
    except ValueError:
        return False
    return True


def filled_json(text: str, names: Mapping[str, object]) -> object:
    """The value of JSON with `$name`s in it: each is replaced by its Python object, not by its text.

    Raises:
        CommandError: There is no such name, attribute or index, or a key occurs twice.
    """
    mark, values = uuid.uuid4().hex, list[object]()

    def marked(token: re.Match[str]) -> str:
        if not token[0].startswith("$"):
            return token[0]
        path = path_from_text(token[0][1:])
        if path is None:
            raise CommandError(f"{token[0]} is not a Python name.")
        values.append(value_of(path, names))
        return f'"{mark}{len(values) - 1}"'

    def restored(value: object) -> object:
        if isinstance(value, dict):
            return {key: restored(held) for key, held in value.items()}
        if isinstance(value, list):
            return [restored(held) for held in value]
        is_mark = isinstance(value, str) and value.startswith(mark)
        return values[int(value[len(mark) :])] if is_mark and isinstance(value, str) else value

    return restored(strict_json(_TOKEN.sub(marked, text)))


def interpolated(text: str, names: Mapping[str, object]) -> str:
    """Fill in every `{name}`, `{name.attribute}`, `{name[0]}` and `{name:format}`; `{{` and `}}` are braces.

    Raises:
        CommandError: A field is not a name, or there is no such name.
    """
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError as error:
        raise _not_a_field(f"The braces do not fit: {error}.") from None
    return "".join(literal + _field(field, spec, names) for literal, field, spec, _ in fields)


def _field(field: str | None, spec: str | None, names: Mapping[str, object]) -> str:
    if field is None:
        return ""
    path = path_from_text(field)
    if path is None or "{" in (spec or ""):
        raise _not_a_field(f"{{{field}}} is not a Python name.")
    value = value_of(path, names)
    try:
        return format(value, spec or "")
    except (TypeError, ValueError) as error:
        raise CommandError(f"{{{field}:{spec}}} cannot be filled in: {error}.") from None


def _attribute(path: Path, value: object, name: str) -> object:
    if name.startswith("__"):
        raise CommandError(f"{path.shown}: names that begin with two underscores cannot be reached from a line.")
    try:
        return getattr(value, name)
    except AttributeError:
        raise CommandError(f"{path.shown}: {type_phrase(value)} has no attribute {name!r}.") from None


def _item(path: Path, value: object, index: int | str) -> object:
    try:
        return value[index]  # type: ignore[index]  # the user's object may be of any type
    except (LookupError, TypeError):
        raise CommandError(f"{path.shown}: there is nothing at [{index!r}] of this {type(value).__name__}.") from None


def _no_such_name(path: Path, names: Mapping[str, object]) -> CommandError:
    near = difflib.get_close_matches(path.root, [name for name in names if not name.startswith("_")], n=1)
    hint = f"Did you mean {near[0]}?" if near else "Make it in a cell first, or put quotes around text."
    return CommandError(f"No Python name {path.root!r} is defined in this notebook.", hint=hint)


def _not_a_field(message: str) -> CommandError:
    return CommandError(message, hint="With -f, {name} is filled in; write {{ and }} for braces.")
