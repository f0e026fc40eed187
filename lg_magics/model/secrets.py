"""Which values are secret, by their names, and how JSON looks without them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = [
    "HIDDEN",
    "Path",
    "hidden_paths",
    "looks_secret",
    "row_without_secrets",
    "with_secrets_replaced",
    "without_secrets",
]

HIDDEN = "[redacted]"
SETTINGS = ("config", "context", "metadata")

_SECRET_NAME = re.compile(
    r"KEY|TOKEN|SECRET|PASSW|PASSPHRASE|PASSCODE|PWD|CREDENTIAL|AUTH|COOKIE|BEARER|JWT", re.IGNORECASE
)
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

Path = tuple[str | int, ...]


def looks_secret(name: str) -> bool:
    """Whether a variable, header or value with this name is likely to hold a secret."""
    if name.startswith("__") or name in _OF_THE_SERVER or name in _FOLDERS:
        return False
    return bool(_SECRET_NAME.search(_HARMLESS.sub("|", name)))


def without_secrets(value: Any) -> Any:
    """A copy of JSON in which every value under a name that looks secret is hidden, whatever its type.

    A mapping or list under such a name is hidden as a whole: its own names may be secret too. What is empty stays.
    """
    return with_secrets_replaced(value, lambda name, held: HIDDEN)


def row_without_secrets(row: Mapping[str, Any]) -> dict[str, Any]:
    """A server's row without the secrets of its settings; what else it holds is the person's own and stays as it is."""
    return {**row, **{name: without_secrets(row[name]) for name in SETTINGS if name in row}}


def with_secrets_replaced(value: Any, replace: Callable[[str, Any], Any]) -> Any:
    """A copy of JSON in which `replace(name, held)` stands for every value under a name that looks secret."""
    if isinstance(value, Mapping):
        return {
            name: replace(str(name), held)
            if looks_secret(str(name)) and not _is_empty(held)
            else with_secrets_replaced(held, replace)
            for name, held in value.items()
        }
    if isinstance(value, list | tuple):
        return [with_secrets_replaced(each, replace) for each in value]
    return value


def hidden_paths(value: Any) -> list[Path]:
    """The paths of the hidden values: `("model", "api_key")`, `("tools", 0, "token")`."""
    if isinstance(value, str):
        return [()] if value == HIDDEN else []
    items = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list | tuple) else ()
    return [(name, *path) for name, held in items for path in hidden_paths(held)]


def _is_empty(value: Any) -> bool:
    """Whether there is nothing to hide: None, or a text, mapping or list without content."""
    return value is None or (hasattr(value, "__len__") and len(value) == 0)
