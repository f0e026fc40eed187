"""Named deployments and defaults, from `[tool.lg_magics]` in pyproject.toml or from lg_magics.toml. Reads files only.

[tool.lg_magics]                       # in lg_magics.toml without the `tool.lg_magics`
default = "prod"

[tool.lg_magics.deployments.prod]
url = "https://my-deployment.example.com"
api_key_env = "PROD_KEY"
assistant = "agent"
protect = true
langsmith = "https://smith.langchain.com/o/ORG/projects/p/PROJECT"

[tool.lg_magics.configurable]          # defaults of every run
user_id = "Test"

A file is used only if no other user than root could have written it: it may name a key of the environment and the address to send
it to. Such a key, and a `$VARIABLE` in a header, go only to https addresses and to this machine.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import stat
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lg_magics.errors import SettingsError
from lg_magics.server.deployment import VARIABLE, Deployment, deployment_from_url, headers_from
from lg_magics.server.recent import recent_addresses
from lg_magics.server.traces import project_from_address

__all__ = ["URL_VARIABLE", "Settings", "deployment_words", "read_settings"]

URL_VARIABLE = "LANGGRAPH_URL"
LOCAL = "local"
TABLES = ("default", "deployments", "configurable")
IN_HEADER = re.compile(r"\$(?:\{([^}]*)\}|([A-Za-z_]\w*))", re.ASCII)
KEYS = {"url": str, "api_key_env": str, "assistant": str, "protect": bool, "headers": dict, "langsmith": str}


@dataclass(frozen=True, slots=True)
class Settings:
    """A project's settings for its deployments; empty if no file is found.

    A deployment with an invalid entry is present as its error, so that the others can be used. `ignored` names the files
    that were found but not read, and why.
    """

    deployments: Mapping[str, Deployment | SettingsError] = field(default_factory=dict)
    default: str | None = None
    configurable: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = None
    ignored: tuple[str, ...] = ()

    def deployment(self, name: str) -> Deployment:
        """Return the deployment with this name.

        Raises:
            SettingsError: there is none, or its entry is invalid; the error names it, or lists the existing names.
        """
        if name in self.deployments:
            found = self.deployments[name]
            if isinstance(found, SettingsError):
                raise found
            return found
        close = difflib.get_close_matches(name, self.deployments, 1)
        none = f"{self.path} names none." if self.path else "No settings name any."
        known = f"There are {', '.join(sorted(self.deployments))}." if self.deployments else none
        known = f"Ignored: {'; '.join(self.ignored)}." if self.ignored else known
        raise SettingsError(
            f"No deployment is named '{name}'. {f'Did you mean {close[0]}?' if close else known}",
            hint="%lg_connect takes a URL, a name from [tool.lg_magics.deployments], or local.",
        )

    def protects(self, deployment: Deployment) -> bool:
        """Return whether a deployment at the same address is marked `protect = true`."""
        found = [each for each in self.deployments.values() if isinstance(each, Deployment)]
        return any(each.protect and _place(each) == _place(deployment) for each in found)


def _place(deployment: Deployment) -> tuple[str, str | None, int, str]:
    """Return what an address leads to: scheme, host, port and path."""
    parts = urlsplit(deployment.url)
    host = "localhost" if deployment.is_loopback else parts.hostname
    return parts.scheme, host, parts.port or (443 if parts.scheme == "https" else 80), parts.path


def read_settings(start: Path | None = None) -> Settings:
    """Read the settings of a folder: the nearest file that has any, up to HOME or the repository's root.

    Outside of both, parent folders are searched as long as they belong to this user.

    Raises:
        SettingsError: a file of this user cannot be read, it has unknown keys, or its default names none of its deployments.
    """
    ignored: list[str] = []
    try:
        here = (start or Path.cwd()).resolve()
    except OSError:
        return Settings(ignored=("the working directory (it cannot be read)",))
    for folder in _folders(here):
        for path, keys in ((folder / "lg_magics.toml", ()), (folder / "pyproject.toml", ("tool", "lg_magics"))):
            if (table := _table(path, keys, ignored)) is not None:
                return replace(_settings(path, table), ignored=tuple(ignored))
    return Settings(ignored=tuple(ignored))


def _folders(here: Path) -> Iterator[Path]:
    """Return the folder and its parents, up to HOME, or else up to the repository's root."""
    home = _home()
    ends = [each for each in (here, *here.parents) if each == home or _exists(each / ".git")]
    end = home if home in ends else ends[0] if ends else None
    for folder in (here, *here.parents):
        if end is None and folder != here and not _is_own(folder):
            return
        yield folder
        if folder == end:
            return


def _home() -> Path | None:
    """Return the user's home; None in a container whose user has none."""
    try:
        return Path.home().resolve()
    except (RuntimeError, OSError):
        return None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # its folder may not be searched
        return False


def _is_own(path: Path) -> bool:
    try:
        return sys.platform == "win32" or path.stat().st_uid == os.geteuid()
    except OSError:
        return False


def _table(path: Path, keys: tuple[str, ...], ignored: list[str]) -> Mapping[str, Any] | None:
    """Return the table of a file below `keys`; None if there is none, or the file is not used."""
    if not _exists(path) or not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            problem = _distrust(os.fstat(file.fileno()))
            content = b"" if problem and not keys else file.read()
    except OSError as error:
        if _is_own(path):
            raise SettingsError(f"{path} cannot be read: {error}") from error
        if not keys:
            ignored.append(f"{path} (this user cannot read it)")
        return None
    try:
        table: Any = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        if keys and (problem or keys[-1].encode() not in content):
            return None  # another user's invalid file, or one without settings
        raise SettingsError(f"{path} cannot be read: {error}") from error
    for key in keys:
        table = table.get(key) if isinstance(table, Mapping) else None
    if problem and table is not None:
        ignored.append(f"{path} ({problem})")
        return None
    if table is not None and not isinstance(table, Mapping):
        raise SettingsError(f"In {path}, {'.'.join(keys)} is not a table.")
    return table


def _distrust(found: os.stat_result) -> str:
    """Return why a file is not used: another user could have written it. "" if none could."""
    if sys.platform == "win32":
        return ""
    if found.st_uid not in (os.geteuid(), 0):
        return "another user owns it"
    if found.st_mode & stat.S_IWOTH:
        return "every user can write it: chmod o-w"
    if found.st_mode & stat.S_IWGRP and not _is_private(found.st_gid):
        return "its group can write it: chmod g-w"
    return ""


def _is_private(group: int) -> bool:
    """Return whether this user is the only member of a group, as on systems with one group per user."""
    import grp
    import pwd

    try:
        me = pwd.getpwuid(os.geteuid())
        members = {*grp.getgrgid(group).gr_mem, *(each.pw_name for each in pwd.getpwall() if each.pw_gid == group)}
    except KeyError:
        return False
    return me.pw_gid == group and members <= {me.pw_name}


def _settings(path: Path, table: Mapping[str, Any]) -> Settings:
    for key in table:
        if key not in TABLES:
            takes = "lg_magics.toml takes them without `tool.lg_magics`." if key == "tool" else ""
            raise SettingsError(
                f"In {path}, there is an unknown key '{key}'.", hint=takes or f"It takes {', '.join(TABLES)}."
            )
    for key in ("deployments", "configurable"):
        if not isinstance(table.get(key, {}), Mapping):
            raise SettingsError(f"In {path}, {key} is not a table.")
    found = table.get("deployments", {})
    if LOCAL in found:
        raise SettingsError(
            f"In {path}, a deployment is named '{LOCAL}', which is the embedded server.", hint="Give it another name."
        )
    deployments = {name: _deployment_or_error(path, name, entry) for name, entry in found.items()}
    default = table.get("default")
    if default is not None and default not in (*deployments, LOCAL):
        raise SettingsError(f"In {path}, the default '{default}' is none of its deployments.")
    return Settings(deployments, default, table.get("configurable", {}), path)


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
            raise SettingsError(f"In {path}, {key} of the deployment '{name}' is not a {KEYS[key].__name__}.")
    deployment = deployment_from_url(
        entry["url"],
        name=name,
        headers=headers_from({key: _expanded(value) for key, value in entry.get("headers", {}).items()}),
        api_key_env=entry.get("api_key_env"),
        assistant=entry.get("assistant"),
        protect=entry.get("protect", False),
        langsmith=project_from_address(entry.get("langsmith", "")),
    )
    secret = _variable_in(entry)
    if secret and not (deployment.is_loopback or deployment.url.startswith("https:")):
        raise SettingsError(
            f"In {path}, the deployment '{name}' would send {secret} unencrypted to {deployment.url}.",
            hint=f"Write https://, or name it yourself: %lg_connect {deployment.url} --api-key-env VARIABLE",
        )
    return deployment


def _variable_in(entry: Mapping[str, Any]) -> str:
    """Return what an entry sends from the environment; "" for nothing."""
    if entry.get("api_key_env"):
        return "its key"
    changed = [name for name, value in entry.get("headers", {}).items() if _expanded(value) != value]
    return f"a variable in the header {changed[0]}" if changed else ""


def _expanded(value: object) -> object:
    """Return a header's value with the variables of the environment in it.

    Raises:
        SettingsError: one of them is not set. Its name is shown if it can be no part of a key.
    """
    if not isinstance(value, str):
        return value
    unset = [name for names in IN_HEADER.findall(value) for name in names if name and name not in os.environ]
    if unset:
        shown = f"${unset[0]}" if VARIABLE.fullmatch(unset[0]) else "A $VARIABLE"
        raise SettingsError(f"{shown} in its headers is not set.", hint="Set it, then connect again.")
    return os.path.expandvars(value)


def deployment_words() -> tuple[str, ...]:
    """Return completions of `%lg_connect`: `local`, the names of the settings, and recent addresses, newest first."""
    names: tuple[str, ...] = ()
    with contextlib.suppress(SettingsError, OSError):
        names = tuple(read_settings().deployments)
    return tuple(dict.fromkeys((LOCAL, *names, *recent_addresses())))
