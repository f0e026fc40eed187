"""Where a deployment is and how to get in. Knows addresses, headers and where a key comes from; talks to nobody.

A key is read from the environment at the moment of connecting and is kept in no field, repr or message of ours.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from lg_magics.errors import SettingsError, type_phrase

__all__ = [
    "KEY_HEADER",
    "KEY_VARIABLES",
    "Deployment",
    "check_headers",
    "deployment_from_url",
    "headers_from",
    "local_key",
]

KEY_HEADER = "x-lg-key"
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")

# In the SDK's own order (langgraph_sdk._shared.utilities).
KEY_VARIABLES = ("LANGGRAPH_API_KEY", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment's address and manners.

    Attributes:
        name: what to call it: `local`, a name from the settings, or host and port.
        url: its root, without user, password or trailing slash.
        headers: sent with each call; shown nowhere.
        api_key_env: the environment variable that holds its key, if one was named.
        assistant: the assistant to begin with.
        protect: whether what writes wants `--yes`.
        timeout: seconds without progress after which a call ends, and for the first call in all; None for the usual 30, and 2.
        key_file: the file with the embedded server's own key, where it wants one.
    """

    name: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    api_key_env: str | None = None
    assistant: str | None = None
    protect: bool = False
    timeout: float | None = None
    key_file: Path | None = field(default=None, repr=False)

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        host = urlsplit(self.url).hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def typed(self) -> str:
        """What to type behind `%lg_connect` to be here again: a name from the settings, else the address."""
        return self.url if self.name in ("local", urlsplit(self.url).netloc) else self.name

    @property
    def header_names(self) -> tuple[str, ...]:
        """The names of the headers that each call needs, beside the key's."""
        return (*self.headers, *([KEY_HEADER] if self.key_file else []))

    @property
    def proxy(self) -> str | None:
        """The proxy that the environment names for this address; None for none. This machine is never behind one."""
        parts = urlsplit(self.url)
        if self.is_loopback or proxy_bypass(parts.netloc):
            return None
        named = getproxies()
        proxy = named.get(parts.scheme) or named.get("all")
        return proxy if proxy is None or "://" in proxy else f"http://{proxy}"

    @property
    def key_source(self) -> str | None:
        """The environment variable whose value is sent as key; None if no key is sent.

        A key that is merely found goes to a remote deployment only over https; one that was named goes where it is told.
        """
        if self.api_key_env:
            return self.api_key_env
        if not (self.is_loopback or self.url.startswith("https:")):
            return None
        return next((name for name in KEY_VARIABLES if os.environ.get(name)), None)

    def key(self) -> str | None:
        """The key itself, for the client alone.

        Raises:
            SettingsError: the named variable is not set, or holds what a header cannot carry.
        """
        source = self.key_source
        if source is None:
            return None
        shown = source if VARIABLE.fullmatch(source) else "that --api-key-env names"  # it may be the key itself
        value = os.environ.get(source, "").strip().strip("\"'").strip()
        if not value:
            raise SettingsError(f"The environment variable {shown} is not set.", hint="Set it, then connect again.")
        if not _is_sendable(value):
            raise SettingsError(
                f"The key in the environment variable {shown} has a character that a header cannot carry.",
                hint="Only printable ASCII can be sent: copy the key again, then connect.",
            )
        return value


def local_key(deployment: Deployment) -> dict[str, str]:
    """The header with the embedded server's own key, read now; none where it wants none.

    Raises:
        SettingsError: the file cannot be read: the server has ended, or belongs to another user.
    """
    if deployment.key_file is None:
        return {}
    try:
        return {KEY_HEADER: deployment.key_file.read_text(encoding="ascii")}
    except (OSError, ValueError) as problem:
        raise SettingsError(
            f"The embedded server's key cannot be read: {deployment.key_file}.", hint="%lg_connect local"
        ) from problem


def headers_from(given: Mapping[str, object] | None) -> dict[str, str]:
    """Headers as texts, from what a person gave: text, bytes or a number each.

    Raises:
        SettingsError: a value of another type, or a header that cannot be sent.
    """
    headers = {str(name): _header_value(str(name), value) for name, value in (given or {}).items()}
    check_headers(headers)
    return headers


def _header_value(name: str, value: object) -> str:
    if isinstance(value, bytes | bytearray):
        return value.decode("ascii", "replace")  # what is replaced is refused by check_headers
    if isinstance(value, str | int | float):
        return str(value)
    shown = f"the header {name}" if TOKEN.fullmatch(name) else "a header"
    raise SettingsError(f"The value of {shown} must be text, got {type_phrase(value)}.", hint="--header NAME=VALUE")


def check_headers(headers: Mapping[str, str]) -> None:
    """Refuse headers that cannot be sent; no error holds a value.

    httpx and h11 put a value that they refuse into their own errors and frames, so it must not get there.

    Raises:
        SettingsError: a name or value that HTTP does not take, or the key's own header.
    """
    for name, value in headers.items():
        if name.lower() == "x-api-key":
            raise SettingsError(
                "x-api-key is no header to set by hand.", hint="Name its variable: --api-key-env MY_KEY"
            )
        if not TOKEN.fullmatch(name):
            raise SettingsError(  # the name is not shown: a value may stand in its place
                "A header's name has a character that HTTP does not allow there.", hint="--header NAME=VALUE"
            )
        if not _is_sendable(value):
            raise SettingsError(
                f"The value of the header {name} has a character that a header cannot carry.",
                hint="Only printable ASCII can be sent, without spaces around it.",
            )


def _is_sendable(value: str) -> bool:
    """Whether HTTP can carry a header's value: printable ASCII without spaces around it."""
    return value.isascii() and value.isprintable() and value == value.strip()


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.hostname or ""
        host.encode("idna")
        if not host.isprintable():
            raise ValueError("a control character")
    except ValueError as problem:
        raise SettingsError(
            "This is no address of a deployment.", hint="%lg_connect http://127.0.0.1:2024"
        ) from problem
    return parts


def deployment_from_url(
    url: str,
    *,
    name: str | None = None,
    headers: Mapping[str, str] | None = None,
    api_key_env: str | None = None,
    assistant: str | None = None,
    protect: bool = False,
) -> Deployment:
    """A deployment from what a person typed.

    Raises:
        SettingsError: this is no http(s) address, it holds a password, or a header is reserved.
    """
    parts = _split(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(
            f"'{parts.hostname or url}' is no address of a deployment.",
            hint="%lg_connect http://127.0.0.1:2024",
        )
    try:
        port = parts.port
    except ValueError as problem:
        raise SettingsError(f"The port in the address of {parts.hostname} is no number.") from problem
    if parts.username or parts.password:
        raise SettingsError(
            f"The address of {parts.hostname} holds a user or password, which would be shown.",
            hint="Put it into a header: --header Authorization=$value",
        )
    check_headers(headers or {})
    netloc = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    netloc += f":{port}" if port else ""
    root = urlunsplit((parts.scheme, netloc, parts.path.rstrip("/"), "", ""))
    return Deployment(name or netloc, root, dict(headers or {}), api_key_env, assistant, protect)
