"""Which values are secret, by their names, and how a thing looks without them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["HIDDEN", "looks_secret", "without_secrets"]

HIDDEN = "[redacted]"

_SECRET_NAME = re.compile(r"KEY(?!WORD)|TOKEN|SECRET|PASSW|PWD|CREDENTIAL|AUTH(?!OR(?!I[SZ]))|COOKIE", re.IGNORECASE)
# An author and a keyword are no secret; an authorization is.
# The server's own names for who calls hold no secret, nor do the shell's for where it is.
_OF_THE_SERVER = ("langgraph_", "__")
_FOLDERS = frozenset({"PWD", "OLDPWD"})


def looks_secret(name: str) -> bool:
    """Whether a variable, header or value with this name is likely to hold a secret."""
    return bool(_SECRET_NAME.search(name)) and not name.startswith(_OF_THE_SERVER) and name not in _FOLDERS


def without_secrets(value: Any) -> Any:
    """A copy of JSON in which every text under a name that looks secret is hidden."""
    if isinstance(value, Mapping):
        return {
            name: HIDDEN if isinstance(held, str) and held and looks_secret(str(name)) else without_secrets(held)
            for name, held in value.items()
        }
    if isinstance(value, list | tuple):
        return [without_secrets(each) for each in value]
    return value
