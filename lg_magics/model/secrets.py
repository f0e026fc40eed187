"""Recognize secret values by their names, and hide them in JSON. Pure."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = [
    "HIDDEN",
    "Path",
    "fields_of",
    "has_secret_shape",
    "hidden_paths",
    "looks_secret",
    "places_of_named_secrets",
    "row_without_secrets",
    "with_secrets_replaced",
    "without_secrets",
    "without_shapes",
]

HIDDEN = "[redacted]"
SETTINGS = ("config", "context", "metadata")

_SECRET_NAME = re.compile(
    r"KEY|TOKEN|SECRET|PASSW|PASSPHRASE|PASSCODE|PWD|CREDENTIAL|AUTH|COOKIE|BEARER|JWT", re.IGNORECASE
)
# Short words: secret only where they stand alone, `my_creds`, `dbPass`, `GITHUB_PAT`.
_SECRET_WORD = re.compile(
    r"(?<![a-z])(?:creds?|otp|dsn|conn(?:ection)?[_.-]?str(?:ing)?"
    r"|(?:user|db|database|sql|mysql|pg|postgres|redis|mongo|smtp|mail|proxy|admin|root|login|ssh|ftp)[_.-]?pass"
    r"|(?:gh|github|gitlab|azure|access)[_.-]?pat)(?![a-z])",
    re.IGNORECASE,
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Words that contain one of these and are not secret. They are removed from a name before it is judged: the rest may still be.
_HARMLESS = re.compile(
    r"author(?!i[sz])|tokeni[sz]|monkey|turkey|hockey|donkey|jockey|whiskey|key(?:board|word|note|frame|stroke)"
    r"|(?<![a-z])(?:max|min|num|total|budget|input|output|prompt|completion)"
    r"[_.-]?(?:(?:new|input|output|prompt|completion|context|response)[_.-]?)*tokens"
    r"|tokens?[_.-]?(?:count|limit|budget|usage)",
    re.IGNORECASE,
)
# The server's own names for the caller contain no secret; neither do the shell's for the current folder.
_OF_THE_SERVER = frozenset({"langgraph_auth_user", "langgraph_auth_user_id", "langgraph_auth_permissions"})
_FOLDERS = frozenset({"PWD", "OLDPWD"})
# Where a name stands beside its value: `{"name": "api_key", "value": …}`, `{"Key": "TOKEN", "Value": …}`.
_NAMES = frozenset({"name", "key", "header", "field", "variable", "env"})
_VALUES = frozenset({"value", "values", "val", "default"})
# A name and its value in one text, as arguments, environments and headers are written: `--api-key=…`, `TOKEN=…`, `Cookie: …`.
_WRITTEN = re.compile(
    r"\s*-{0,2}([a-z][\w.-]{0,60})(?:\s*=\s*\S|:\s*(?:(?:bearer|basic|token|digest)\s+\S|\S{8,}\s*\Z))", re.IGNORECASE
)
_OPTION = re.compile(r"--?([a-z][\w.-]{0,60})\Z", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"[?&;]([\w.-]{1,60})=[^&\s]")
_SHAPE = re.compile(
    r"\b(?:(?:sk|pk|rk|gsk|hf|tvly|xox[abp]|gh[opsu]|github_pat|glpat|nvapi|pcsk|pplx|xai)[-_]|lsv2_|ls__|AIza|AKIA)"
    r"(?=[\w-]*\d)[\w-]{12,}"
    r"|\beyJ[\w-]{8,2000}\.eyJ[\w-]{8,2000}(?:\.[\w-]+)?"  # a JSON Web Token
    r"|(?<=[Bb]earer )[\w.~+/=-]{8,}"
    r"|(?<=://)[^\s/@]+:[^\s/@]+(?=@)"
)
"""What shows by its own form that it is a key: `sk-…`, `Bearer …`, `https://user:password@…`."""

# A name and its value in Python: `api_key="…"`, `api_key: str = "…"`, `["api_key"] = SecretStr("…")`, `"api_key": "…"`.
_NAMED = re.compile(
    r"""(?<![\w-])(?P<name>[A-Za-z_][\w-]{0,60})(?:["']?\s{0,20}\]?\s{0,20}(?::[^=\n"']{1,60})?=|["']\s{0,20}:)"""
    r"""\s{0,99}(?:[\w.]{0,60}Secret\w{0,20}\(|\()?\s{0,99}[rRbBuU]{0,2}["']{1,3}(?P<value>[^\s"'{}<>()\\]{16,})["']"""
)
_WORD = r"(?:[a-z]{1,15}\d{0,4}|[A-Z]{1,15}\d{0,4}|\d{1,4})"
# Words that are joined, `research_output_2`, an address, a path, a file's name.
_READABLE = re.compile(rf"_{{0,2}}{_WORD}(?:[_.:/=-]{{1,2}}{_WORD})+|.*://.*|[./~].*|.*\.\w{{1,5}}")

Path = tuple[str | int, ...]


def looks_secret(name: str) -> bool:
    """Return whether a variable, header or value with this name is likely to hold a secret, in any spelling."""
    if not name.isascii():
        name = "".join(each for each in unicodedata.normalize("NFKC", name) if unicodedata.category(each) != "Cf")
    if name.startswith("__") or name in _OF_THE_SERVER or name in _FOLDERS:
        return False
    return bool(_SECRET_NAME.search(_HARMLESS.sub("|", name)) or _SECRET_WORD.search(_HUMP.sub("_", name)))


def without_secrets(value: Any) -> Any:
    """Return a copy of JSON with every value under a secret name hidden, of any type.

    A mapping or list under such a name is hidden as a whole: its own names may be secret too. What is empty stays.
    """
    return with_secrets_replaced(value, lambda path, held: HIDDEN)


def row_without_secrets(row: Mapping[str, Any]) -> dict[str, Any]:
    """A server's row without the secrets of its settings; what else it holds is the person's own and stays as it is."""
    return {**row, **{name: without_secrets(row[name]) for name in SETTINGS if name in row}}


def with_secrets_replaced(value: Any, replace: Callable[[Path, Any], Any], path: Path = ()) -> Any:
    """Return a copy of JSON with `replace(path, held)` in place of every value under a secret name.

    An object whose fields are sent becomes a mapping of them. A name may also stand beside its value, as headers and arguments
    are often written: `{"name": "api_key", "value": …}`, `[["Authorization", …]]`, `["--token", …]`, `"API_KEY=…"`. A text that
    has the form of a key is one under any name.
    """
    named = value if isinstance(value, Mapping) else fields_of(value)
    if named is not None:
        beside = any(str(name).lower() in _NAMES and _is_secret_name(held) for name, held in named.items())
        return {
            name: replace((*path, str(name)), held)
            if (looks_secret(str(name)) or (beside and str(name).lower() in _VALUES)) and not _is_empty(held)
            else with_secrets_replaced(held, replace, (*path, str(name)))
            for name, held in named.items()
        }
    if isinstance(value, list | tuple):
        return [_item_replaced(value, place, replace, (*path, place)) for place in range(len(value))]
    if isinstance(value, str) and value != HIDDEN and _holds_secret(value):
        return replace(path, value)
    return value


def _item_replaced(items: Sequence[Any], place: int, replace: Callable[[Path, Any], Any], path: Path) -> Any:
    """An item of a list: a pair of a name and its value, or what follows an option's name."""
    each = items[place]
    if isinstance(each, list | tuple) and len(each) == 2 and _is_secret_name(each[0]) and not _is_empty(each[1]):
        return [each[0], replace((*path, 1), each[1])]
    option = _OPTION.match(items[place - 1]) if place and isinstance(items[place - 1], str) else None
    if option and looks_secret(option[1]) and isinstance(each, str) and each and not each.startswith("-"):
        return replace(path, each)
    return with_secrets_replaced(each, replace, path)


def has_secret_shape(text: str) -> bool:
    """Whether a text holds something with the form of a key."""
    return bool(_SHAPE.search(text))


def places_of_named_secrets(source: str) -> list[int]:
    """Return where in a Python text a secret name has a literal value with the form of a key: letters and digits, no words."""
    return [
        found.start("value")
        for found in _NAMED.finditer(source)
        if looks_secret(found["name"]) and _is_key(found["value"])
    ]


def _is_key(value: str) -> bool:
    has_both = any(map(str.isalpha, value)) and any(map(str.isdigit, value))
    return has_both and not _READABLE.fullmatch(value)


def without_shapes(text: str) -> str:
    """Return a text with everything hidden that has the form of a key."""
    return _SHAPE.sub(HIDDEN, text)


def _holds_secret(text: str) -> bool:
    """Return whether a text is a secret name with its value, an address with one, or has the form of a key."""
    written = _WRITTEN.match(text)
    names = [written[1]] if written else []
    if "://" in text:
        names += _IN_ADDRESS.findall(text)
    return any(map(looks_secret, names)) or has_secret_shape(text)


def fields_of(value: Any) -> Mapping[str, Any] | None:
    """The fields of an object that is sent as a mapping (dataclass, pydantic model, named tuple); None for any other."""
    if isinstance(value, type):
        return None
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    for way in ("model_dump", "dict", "_asdict"):
        if callable(dump := getattr(value, way, None)):
            held = dump()
            return held if isinstance(held, Mapping) else None
    return None


def hidden_paths(value: Any) -> list[Path]:
    """The paths of the hidden values: `("model", "api_key")`, `("tools", 0, "token")`."""
    if isinstance(value, str):
        return [()] if value == HIDDEN else []
    items = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list | tuple) else ()
    return [(name, *path) for name, held in items for path in hidden_paths(held)]


def _is_secret_name(value: Any) -> bool:
    return isinstance(value, str) and looks_secret(value)


def _is_empty(value: Any) -> bool:
    """Whether there is nothing to hide: None, or a text, mapping or list without content."""
    return value is None or (hasattr(value, "__len__") and len(value) == 0)
