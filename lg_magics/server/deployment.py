"""A deployment's address, headers and key source. Makes no requests.

A key is read from the environment when connecting. No field, repr or message of this package holds it.
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
    "is_loopback",
    "local_key",
    "merged_headers",
]

KEY_HEADER = "x-lg-key"
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")

# In the order of the SDK (langgraph_sdk._shared.utilities).
KEY_VARIABLES = ("LANGGRAPH_API_KEY", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment's address and settings.

    Attributes:
        name: its display name: `local`, a name from the settings, or host and port.
        url: its root, without user, password or trailing slash.
        headers: sent with each call; never shown.
        api_key_env: the environment variable that holds its key, if one was named.
        assistant: the default assistant.
        protect: whether commands that write require `--yes`.
        timeout: seconds without progress after which a call ends, also for the first call in all; None for 30 and 2.
        key_file: the file with the embedded server's own key, if it requires one.
        langsmith: the address of the LangSmith project that it traces to; "" if unknown.
    """

    name: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    api_key_env: str | None = None
    assistant: str | None = None
    protect: bool = False
    timeout: float | None = None
    key_file: Path | None = field(default=None, repr=False)
    langsmith: str = ""

    @property
    def is_loopback(self) -> bool:
        """Whether the deployment is on this machine. 0.0.0.0, which servers print as their address, leads there too."""
        host = urlsplit(self.url).hostname or ""
        return is_loopback(host) or host in ("0.0.0.0", "::")

    @property
    def typed(self) -> str:
        """The argument of `%lg_connect` that connects here again: a name from the settings, else the address."""
        return self.url if self.name in ("local", urlsplit(self.url).netloc) else self.name

    @property
    def header_names(self) -> tuple[str, ...]:
        """The names of the required headers, without the key's."""
        return (*self.headers, *([KEY_HEADER] if self.key_file else []))

    @property
    def proxy(self) -> str | None:
        """The proxy that the environment names for this address; None for none. Never used for this machine."""
        parts = urlsplit(self.url)
        if self.is_loopback or proxy_bypass(parts.netloc):
            return None
        proxy = (named := getproxies()).get(parts.scheme) or named.get("all")
        return proxy if proxy is None or "://" in proxy else f"http://{proxy}"

    @property
    def shown_proxy(self) -> str:
        """The same without user and password, to show; "" for none."""
        scheme, _, rest = (self.proxy or "").partition("://")
        host = re.split(r"[/?#]", rest.rpartition("@")[2])[0]
        return f"{scheme}://{host}" if scheme else ""

    @property
    def key_source(self) -> str | None:
        """The environment variable whose value is sent as key; None if no key is sent.

        A key found without being named goes to a remote deployment only over https, and is passed over if it cannot be sent. A
        named key goes to any address.
        """
        if self.api_key_env or not self.may_find_key:
            return self.api_key_env
        return next((name for name in KEY_VARIABLES if not _why_unusable(_key_in(name))), None)

    @property
    def unusable_keys(self) -> Mapping[str, str]:
        """The variables that would hold the key and are passed over, each with the reason; a named one raises instead."""
        if self.api_key_env or not self.may_find_key:
            return {}
        found = {name: _why_unusable(_key_in(name)) for name in KEY_VARIABLES if os.environ.get(name)}
        return {name: why for name, why in found.items() if why}

    @property
    def may_find_key(self) -> bool:
        """Whether a key that was not named may be sent there."""
        return self.is_loopback or self.url.startswith("https:")

    def key(self) -> str | None:
        """Return the key itself, for the client only.

        Raises:
            SettingsError: the named variable is not set, or its value cannot be sent in a header.
        """
        if (source := self.key_source) is None:
            return None
        shown = source if VARIABLE.fullmatch(source) else "that --api-key-env names"  # it may be the key itself
        value = _key_in(source)
        if not value:
            raise SettingsError(f"The environment variable {shown} is not set.", hint="Set it, then connect again.")
        if why := _why_unusable(value):
            raise SettingsError(
                f"The key in the environment variable {shown} {why}.",
                hint="Only printable ASCII can be sent: copy the key again, then connect.",
            )
        return value


def _key_in(variable: str) -> str:
    """Return the key that a variable of the environment holds, without the quotes that some files have around it."""
    return os.environ.get(variable, "").strip().strip("\"'").strip()


def _why_unusable(key: str) -> str:
    if not key:
        return "is empty"
    return "" if _is_sendable(key) else "has a character that a header cannot carry"


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def local_key(deployment: Deployment) -> dict[str, str]:
    """Return the header with the embedded server's own key, read now; empty if it requires none.

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
    """Convert header values that a user gave (text, bytes or numbers) to text.

    Raises:
        SettingsError: a value of another type, or a header that cannot be sent.
    """
    headers = {str(name): _header_value(str(name), value) for name, value in (given or {}).items()}
    check_headers(headers)
    return merged_headers(headers)


def merged_headers(*given: Mapping[str, str]) -> dict[str, str]:
    """Merge headers; later ones replace earlier ones of the same name. HTTP compares names without case."""
    named = {name.lower(): (name, value) for headers in given for name, value in headers.items()}
    return dict(named.values())


def _header_value(name: str, value: object) -> str:
    if isinstance(value, bytes | bytearray):
        return value.decode("ascii", "replace")  # check_headers rejects the replacement characters
    if isinstance(value, str | int | float):
        return str(value)
    shown = f"the header {name}" if TOKEN.fullmatch(name) else "a header"
    raise SettingsError(f"The value of {shown} must be text, got {type_phrase(value)}.", hint="--header NAME=VALUE")


def check_headers(headers: Mapping[str, str]) -> None:
    """Reject headers that cannot be sent; no error holds a value.

    httpx and h11 put a rejected value into their own errors and frames, so it must not reach them.

    Raises:
        SettingsError: HTTP does not allow a name or value, or it is the key's own header.
    """
    for name, value in headers.items():
        if name.lower() == "x-api-key":
            raise SettingsError(
                "The header x-api-key cannot be set by hand.", hint="Name its variable: --api-key-env MY_KEY"
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
    """Return whether HTTP can carry a header's value: printable ASCII without spaces around it."""
    return value.isascii() and value.isprintable() and value == value.strip()


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.hostname or ""
        host.encode("idna")
        if not host.isprintable():
            raise ValueError("a control character")
        if not host.isascii() or "xn--" in host:
            _check_international(host)
    except ValueError as problem:
        raise SettingsError(
            "This is not the address of a deployment.", hint="%lg_connect http://127.0.0.1:2024"
        ) from problem
    return parts


def _check_international(host: str) -> None:
    """Raise a ValueError if httpx cannot send this host name: its rules are newer, and stricter, than Python's own."""
    import httpx

    try:
        httpx.URL(f"http://{host}").host  # noqa: B018 - reading it decodes the name
    except httpx.InvalidURL as problem:
        raise ValueError("not an international name") from problem


def deployment_from_url(
    url: str,
    *,
    name: str | None = None,
    headers: Mapping[str, str] | None = None,
    api_key_env: str | None = None,
    assistant: str | None = None,
    protect: bool = False,
    langsmith: str = "",
) -> Deployment:
    """Make a deployment from an address that a user typed.

    Raises:
        SettingsError: the text is not an http(s) address, it holds a password, or a header is reserved.
    """
    parts = _split(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(
            f"'{parts.hostname or url}' is not the address of a deployment.",
            hint="%lg_connect http://127.0.0.1:2024",
        )
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise SettingsError(f"The port in the address of {parts.hostname} must be a number from 1 to 65535.")
    if parts.username or parts.password:
        raise SettingsError(
            f"The address of {parts.hostname} holds a user or password, which would be shown.",
            hint="Put it into a header: --header Authorization=$value",
        )
    if parts.query or parts.fragment:
        raise SettingsError(
            f"The address of {parts.hostname} has a '{'?' if parts.query else '#'}', and is that of a page or of one call.",
            hint="Type the deployment's root; a token goes into a header: --header Authorization:=$value",
        )
    check_headers(headers or {})
    netloc = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    netloc += f":{port}" if port else ""
    root = urlunsplit((parts.scheme, netloc, parts.path.rstrip("/"), "", ""))
    return Deployment(name or netloc, root, dict(headers or {}), api_key_env, assistant, protect, langsmith=langsmith)
