"""Named deployments and defaults, from `[tool.lg_magics]` in pyproject.toml or from lg_magics.toml. Knows files alone.

[tool.lg_magics]                       # in lg_magics.toml without the `tool.lg_magics`
default = "prod"

[tool.lg_magics.deployments.prod]
url = "https://my-deployment.example.com"
api_key_env = "PROD_KEY"
assistant = "agent"
protect = true

[tool.lg_magics.configurable]          # defaults of every run
user_id = "Test"
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lg_magics.errors import SettingsError
from lg_magics.server.deployment import Deployment, deployment_from_url, headers_from

__all__ = ["URL_VARIABLE", "Settings", "read_settings"]

URL_VARIABLE = "LANGGRAPH_URL"
KEYS = {"url": str, "api_key_env": str, "assistant": str, "protect": bool, "headers": dict}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a project says of its deployments; empty where no file is found.

    A deployment that is written wrongly is there with its error: the others can be used all the same.
    """

    deployments: Mapping[str, Deployment | SettingsError] = field(default_factory=dict)
    default: str | None = None
    configurable: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = None

    def deployment(self, name: str) -> Deployment:
        """The deployment of this name.

        Raises:
            SettingsError: there is none, or it is written wrongly; the error names it, or those that there are.
        """
        if name in self.deployments:
            found = self.deployments[name]
            if isinstance(found, SettingsError):
                raise found
            return found
        close = difflib.get_close_matches(name, self.deployments, 1)
        known = f"There are {', '.join(sorted(self.deployments))}." if self.deployments else "No settings name any."
        raise SettingsError(
            f"No deployment is named '{name}'. {f'Did you mean {close[0]}?' if close else known}",
            hint="%lg_connect takes a URL, a name from [tool.lg_magics.deployments], or local.",
        )


def read_settings(start: Path | None = None) -> Settings:
    """The settings that hold in a folder: the nearest file upwards that has any.

    Raises:
        SettingsError: a file cannot be read, or its default is none of its deployments.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        for path, keys in ((folder / "lg_magics.toml", ()), (folder / "pyproject.toml", ("tool", "lg_magics"))):
            if path.is_file() and (table := _table(path, keys)) is not None:
                return _settings(path, table)
    return Settings()


def _table(path: Path, keys: tuple[str, ...]) -> Mapping[str, Any] | None:
    try:
        table: Any = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        if keys:
            return None  # somebody else's file, and somebody else's mistake
        raise SettingsError(f"{path} cannot be read: {problem}") from problem
    for key in keys:
        table = table.get(key) if isinstance(table, Mapping) else None
    return table if isinstance(table, Mapping) else None


def _settings(path: Path, table: Mapping[str, Any]) -> Settings:
    found = table.get("deployments", {})
    if not isinstance(found, Mapping):
        raise SettingsError(f"In {path}, deployments is no table.")
    deployments = {name: _deployment_or_error(path, name, entry) for name, entry in found.items()}
    default = table.get("default")
    if default is not None and default not in (*deployments, "local"):
        raise SettingsError(f"In {path}, the default '{default}' is none of its deployments.")
    configurable = table.get("configurable", {})
    return Settings(deployments, default, configurable if isinstance(configurable, Mapping) else {}, path)


def _deployment_or_error(path: Path, name: str, entry: object) -> Deployment | SettingsError:
    try:
        return _deployment(path, name, entry)
    except SettingsError as problem:
        where = f"In {path}, "
        is_named = problem.message.startswith(where)
        message = problem.message if is_named else f"{where}the deployment '{name}': {problem.message}"
        return SettingsError(message, hint=problem.hint)


def _deployment(path: Path, name: str, entry: object) -> Deployment:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("url"), str):
        raise SettingsError(f"In {path}, the deployment '{name}' has no url.")
    for key, value in entry.items():
        if key not in KEYS:
            raise SettingsError(
                f"In {path}, the deployment '{name}' has an unknown key '{key}'.", hint=f"It takes {', '.join(KEYS)}."
            )
        if not isinstance(value, KEYS[key]):
            raise SettingsError(f"In {path}, {key} of the deployment '{name}' is no {KEYS[key].__name__}.")
    return deployment_from_url(
        entry["url"],
        name=name,
        headers=headers_from({key: _expanded(value) for key, value in entry.get("headers", {}).items()}),
        api_key_env=entry.get("api_key_env"),
        assistant=entry.get("assistant"),
        protect=entry.get("protect", False),
    )


def _expanded(value: object) -> object:
    return os.path.expandvars(value) if isinstance(value, str) else value
