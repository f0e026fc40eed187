"""Hide secrets in texts. Knows the form of secrets; knows no server and opens no network.

Keys live in the environment and in `.env` files, and a careless library prints them into a log or an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from lg_magics.model.secrets import HIDDEN, looks_secret, without_shapes

_SHORTEST = 6


def variables_in(env: str | Mapping[str, str] | None) -> dict[str, str]:
    """Read the `env` of a langgraph.json: a path to a `.env` file, or the variables themselves."""
    if not env:
        return {}
    if isinstance(env, Mapping):
        return {name: str(value) for name, value in env.items()}
    if not Path(env).is_file():
        return {}
    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(env).items() if value is not None}


def secrets_in(*environments: Mapping[str, str]) -> set[str]:
    """Pick the values of variables whose names look like secrets, from the process and from others."""
    return {
        value
        for environment in (os.environ, *environments)
        for name, value in environment.items()
        if looks_secret(name) and len(value) >= _SHORTEST
    }


def redact(text: str, secrets: Iterable[str]) -> str:
    """Hide known secrets, and texts that have the shape of one."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return without_shapes(text)
