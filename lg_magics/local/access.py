"""Access control of the embedded server: an ASGI layer outside its auth and CORS. Knows requests, not LangGraph.

Only this user's programs are admitted, without a key: the SDK, RemoteGraph, curl, a graph that calls its own server. Other users
of the machine are rejected, and so are web pages, for any request and under any host name:

- `Host` must be a name of this machine. A foreign name that resolves to loopback is rejected.
- `Origin` must be the server's own, or one given by `--allow-origin`. A request without `Origin` that a browser marks as
  `cross-site` or `same-site` (`Sec-Fetch-Site`) is rejected, unless a person follows a link to `/docs`.
- This user must have opened the connection (see `local.peer`). If the system does not show its user, and with `--require-key`,
  the request must have the header `x-lg-key`, from a file that only this user can read.
"""

from __future__ import annotations

import functools
import hmac
import json
import os
import secrets
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lg_magics.errors import LocalServerError
from lg_magics.local.peer import Peer, peer_of
from lg_magics.server.deployment import KEY_HEADER, is_loopback

__all__ = ["KEY_FILE", "KEY_HEADER", "Access", "make_key", "origin_from", "wrap_uvicorn"]

KEY_FILE = "key"
_PEER = "lg_magics.peer"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Access:
    """Decides which requests are admitted.

    Attributes:
        key: The required value of `x-lg-key`, where a key is needed.
        needs_key: Whether each request must have the key.
        origins: Foreign origins that are admitted.
        prefix: The path prefix of the server's calls.
    """

    def __init__(self, key: str, *, needs_key: bool = False, origins: Collection[str] = (), prefix: str = "") -> None:
        self.key = key
        self.needs_key = needs_key
        self.origins = set(origins)
        self.prefix = prefix

    def around(self, app: App) -> App:
        """Return the app with this check around it."""
        return _Checked(app, self)

    def refusal(self, scope: Scope) -> str:
        """Return why a request is rejected; "" if it is admitted."""
        headers = _Headers(scope)
        hosts = headers.all(b"host")
        if not hosts or not all(map(_is_this_machine, hosts)):
            return "The Host of the request is not a name of this machine: use 127.0.0.1 or localhost."
        return self._page_refusal(scope, headers, hosts[0]) or self._user_refusal(scope, headers)

    def _page_refusal(self, scope: Scope, headers: _Headers, host: str) -> str:
        origins = [origin for origin in headers.all(b"origin") if not self._is_admitted(origin, host)]
        site = headers.all(b"sec-fetch-site")
        if origins:
            return f"{origins[0]!r} may not use this server. %lg_connect local --allow-origin ORIGIN admits a page."
        is_foreign = any(each not in ("same-origin", "none") for each in site) and not headers.all(b"origin")
        if is_foreign and not self._opens_docs(scope, headers):
            return "Another site may not use this server. %lg_connect local --allow-origin ORIGIN admits a page."
        return ""

    def _is_admitted(self, origin: str, host: str) -> bool:
        return origin in self.origins or origin == f"http://{host.lower()}"

    def _opens_docs(self, scope: Scope, headers: _Headers) -> bool:
        """Return whether a person follows a link to the documentation: it opens in a separate tab, which no page can read."""
        is_top = headers.all(b"sec-fetch-mode") == ["navigate"] and headers.all(b"sec-fetch-dest") == ["document"]
        return is_top and scope.get("method") == "GET" and scope.get("path") == f"{self.prefix}/docs"

    def _user_refusal(self, scope: Scope, headers: _Headers) -> str:
        peer = (scope.get("state") or {}).get(_PEER)
        if peer is None:  # a server without connection state: determined for each request
            peer = _peer(scope.get("client"), scope.get("server"))
        if peer is Peer.OTHER:
            return "This embedded server belongs to another user of this machine."
        if peer is Peer.OWN and not self.needs_key:
            return ""
        given = headers.all(KEY_HEADER.encode())
        if len(given) == 1 and hmac.compare_digest(given[0].encode(), self.key.encode()):
            return ""
        return f"This embedded server requires its key: send the header {KEY_HEADER}. %lg_status names the file that has it."


class _Headers:
    def __init__(self, scope: Scope) -> None:
        self._raw: list[tuple[bytes, bytes]] = scope.get("headers", [])

    def all(self, name: bytes) -> list[str]:
        return [value.decode("latin-1") for key, value in self._raw if key.lower() == name]


class _Checked:
    """The ASGI app: a rejected request never reaches the inner app."""

    def __init__(self, app: App, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if refusal := self._access.refusal(scope):
            await _refuse(scope, receive, send, refusal)
            return
        (scope.get("state") or {}).pop(_PEER, None)
        # Headers reach the config of runs, which is stored, so the key is removed.
        scope["headers"] = [each for each in scope["headers"] if each[0].lower() != KEY_HEADER.encode()]
        await self._app(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send, why: str) -> None:
    if scope["type"] == "websocket":
        await receive()  # the handshake; closing before accepting it answers 403
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    body = json.dumps({"detail": why}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": [*headers, (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": b"" if scope.get("method") == "HEAD" else body})


def _is_this_machine(host: str) -> bool:
    try:
        return is_loopback(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False


def _peer(client: Any, server: Any) -> Peer:
    if not client or not server or client[0].startswith("/"):
        return Peer.UNKNOWN
    try:
        return peer_of((client[0], client[1]), (server[0], server[1]))
    except OSError:
        return Peer.UNKNOWN


def origin_from(text: str) -> str:
    """Return an origin, in the format of browsers, from typed text.

    Raises:
        LocalServerError: The text is not an origin of web pages.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    is_origin = parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/")
    if not is_origin or parts.query or parts.fragment or "@" in parts.netloc or "*" in parts.netloc:
        raise LocalServerError(
            f"{text!r} is not an origin of web pages.", hint="--allow-origin https://smith.langchain.com"
        )
    default = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{f':{port}' if port not in (None, default) else ''}"


def make_key(folder: Path) -> str:
    """Write a new key to a file that only this user can read."""
    part = folder / f"{KEY_FILE}.part"
    part.unlink(missing_ok=True)
    key = secrets.token_urlsafe(32)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(key)
    os.replace(part, folder / KEY_FILE)
    return key


def wrap_uvicorn(access: Access) -> None:
    """Add the check to uvicorn in this process: LangGraph starts uvicorn itself, and accepts no middleware.

    The user of a connection is determined once, when it is accepted; each of its requests carries the result.
    """
    import uvicorn
    from uvicorn.importer import import_from_string
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

    class Protocol(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
        app_state: dict[str, Any]

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            names = [transport.get_extra_info(name) for name in ("peername", "sockname")]
            self.app_state = {**self.app_state, _PEER: _peer(*names)}

    run = uvicorn.run

    @functools.wraps(run)
    def run_checked(app: Any, **options: Any) -> None:
        def checked() -> App:
            return access.around(import_from_string(app))

        # There is no proxy: a header that names another client is ignored.
        run(checked, **options, factory=True, http=Protocol, proxy_headers=False)

    uvicorn.run = run_checked
