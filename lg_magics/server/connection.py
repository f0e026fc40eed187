"""A live connection to one deployment: one sync client in front, async clients for the background loop.

The sync client serves what a person waits for. The async ones belong to one event loop for life (httpx binds them), so
only the background loop may touch them; streams have a client of their own, so that they never starve other calls.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lg_magics.errors import DeploymentError, Unreachable, Unsupported
from lg_magics.server.calls import Awaited, Direct
from lg_magics.server.deployment import Deployment, check_headers, local_key
from lg_magics.server.errors import check_answer, translated
from lg_magics.server.resources import Resources

if TYPE_CHECKING:
    import httpx
    from langgraph_sdk.client import LangGraphClient, SyncLangGraphClient

__all__ = ["Connection", "ServerInfo", "connect"]

PING_SECONDS = 1.8
GRACE = 0.1
MOMENT = 1.0
IDLE_SECONDS = 30.0
"""Seconds without progress, after which a call ends."""
CALL_SECONDS = {"connect": 5.0, "read": IDLE_SECONDS, "write": IDLE_SECONDS, "pool": 5.0}
# What a person's own code waits for is up to that code.
LENT_SECONDS = {"connect": 5.0, "read": 300.0, "write": 300.0, "pool": 5.0}
# A short call that takes longer has met a dead connection: whoever follows a run asks again.
POLL_SECONDS = {"connect": 5.0, "read": 15.0, "write": 30.0, "pool": 5.0}
# A stream's heartbeat comes every 5 s: three missed ones mean a dead connection.
STREAM_SECONDS = {"connect": 5.0, "read": 16.0, "write": 30.0, "pool": 5.0}
LACKING = (404, 405, 501)
"""How a server says that it has no such call."""


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a deployment says of itself: its `version`, and `flags` of what it can do (empty if it does not say)."""

    version: str
    flags: Mapping[str, bool]


class Connection(Resources[Direct]):
    """Clients of one deployment. Made by `connect`, which has seen it answer.

    Its calls are `connection.threads.find(id)`, and `await connection.background.threads.find(id)` on the background loop. The
    SDK's clients are for this package alone.

    `key_source` is the environment variable that the key was read from; None if no key is sent. `lacking` are the calls that
    it was found to lack, in words, and `is_probed` whether each was asked for (see `server.abilities`). `finds_by_id` is False
    once a search for threads by their ids has given others (see `server.threads`).
    """

    def __init__(self, deployment: Deployment, info: ServerInfo) -> None:
        super().__init__(self, is_awaited=False)
        self.deployment = deployment
        self.info = info
        self.key_source = deployment.key_source
        self.lacking: set[str] = set()
        self.is_probed = False
        self.finds_by_id = True
        self._heard_at = float("-inf")
        self._headers = _headers(deployment)
        self._way = (deployment, deployment.proxy, self._headers)
        self._lent: list[SyncLangGraphClient] = []

    def __repr__(self) -> str:
        return f"<Connection to {self.deployment.name} at {self.deployment.url}>"

    @property
    def url(self) -> str:
        """The deployment's address, as it may be shown."""
        return self.deployment.url

    @cached_property
    def background(self) -> Resources[Awaited]:
        """The same calls, to be awaited on the background loop."""
        return Resources(self, is_awaited=True)

    def open_background(self) -> None:
        """Make the client of the background loop: the first call on it would take as long otherwise."""
        self.polls  # noqa: B018 - cached

    @cached_property
    def sync(self) -> SyncLangGraphClient:
        """The SDK's client for what a person waits for."""
        import httpx
        from langgraph_sdk.client import SyncLangGraphClient

        from lg_magics.server.transport import KEPT, SyncTransport

        seconds = self.deployment.timeout or IDLE_SECONDS
        transport = SyncTransport(seconds=seconds, limits=KEPT, proxy=self.deployment.proxy)
        hooks = {"response": [self._hear]}
        options = self._options({**CALL_SECONDS, "read": seconds, "write": seconds})
        return SyncLangGraphClient(httpx.Client(transport=transport, event_hooks=hooks, **options))

    @cached_property
    def polls(self) -> LangGraphClient:
        """The SDK's async client for short calls. For the background loop only."""
        import httpx
        from langgraph_sdk.client import LangGraphClient

        from lg_magics.server.transport import KEPT, AsyncTransport

        async def hear(response: httpx.Response) -> None:
            self._hear(response)

        seconds = max(POLL_SECONDS["read"], self.deployment.timeout or 0)
        transport = AsyncTransport(seconds=seconds, limits=KEPT, proxy=self.deployment.proxy)
        hooks = {"response": [hear]}
        return LangGraphClient(httpx.AsyncClient(transport=transport, event_hooks=hooks, **self._options(POLL_SECONDS)))

    @cached_property
    def streams(self) -> LangGraphClient:
        """The SDK's async client for streams. For the background loop only."""
        import httpx
        from langgraph_sdk.client import LangGraphClient

        from lg_magics.server.transport import remember, stream_transport

        hooks = {"response": [remember]}
        options = self._options(STREAM_SECONDS)
        transport = stream_transport(self.deployment.proxy)
        return LangGraphClient(httpx.AsyncClient(transport=transport, event_hooks=hooks, **options))

    def lent(self, headers: Mapping[str, str]) -> tuple[LangGraphClient, SyncLangGraphClient]:
        """Clients for code that is not ours: an async one, for one event loop of its own, and a sync one.

        They send what this connection sends, and `headers`; no key is looked for anywhere. The sync one is closed with the
        connection; the async one is bound to a loop that is not ours.
        """
        import httpx
        from langgraph_sdk.client import LangGraphClient, SyncLangGraphClient

        from lg_magics.server.transport import KEPT, AsyncTransport, SyncTransport

        options = self._options(LENT_SECONDS)
        options["headers"] = {**options["headers"], **headers}
        how: dict[str, Any] = {"limits": KEPT, "proxy": self.deployment.proxy}
        self._lent.append(SyncLangGraphClient(httpx.Client(transport=SyncTransport(**how), **options)))
        return LangGraphClient(httpx.AsyncClient(transport=AsyncTransport(**how), **options)), self._lent[-1]

    def _options(self, seconds: Mapping[str, float]) -> dict[str, Any]:
        import httpx

        return {"base_url": self.url, "headers": self._headers, "timeout": httpx.Timeout(**seconds)}

    @contextmanager
    def doing(self, what: str, *, missing: str = "", hint: str = "", feature: str = "") -> Iterator[None]:
        """Translate foreign errors inside (see `server.errors.translated`); a call that is lacking is noted."""
        try:
            with translated(self.url, what, missing=missing, hint=hint, feature=feature):
                yield
        except Unsupported:
            self.lacking.update({feature} - {""})
            raise

    def is_like(self, other: Connection) -> bool:
        """Whether both send the same to the same deployment, by the same way."""
        return self._way == other._way

    def is_alive(self) -> bool:
        """Whether the deployment answers now (at most 2 s), or did so a moment ago."""
        if time.monotonic() - self._heard_at < MOMENT:
            return True
        try:
            ping(self.deployment)
        except DeploymentError:
            return False
        return True

    def _hear(self, response: httpx.Response) -> None:
        """An httpx hook: the deployment has answered, or something in its place."""
        check_answer(response)
        if response.status_code < 500:
            self._heard_at = time.monotonic()

    def close(self) -> None:
        """Close the sync client. The loop closes its own with `aclose`."""
        for client in (*([self.sync] if "sync" in self.__dict__ else []), *self._lent):
            client.close()

    async def aclose(self) -> None:
        """Close the async clients. On the background loop."""
        for name in ("polls", "streams"):
            if name in self.__dict__:
                await getattr(self, name).aclose()


def connect(deployment: Deployment) -> Connection:
    """A connection to a deployment that answers.

    Raises:
        Unreachable: nothing answers within 2 s, or what answers is no LangGraph server.
        AccessDenied: the key is missing or refused.
        SettingsError: the variable that should hold the key is not set.
    """
    return Connection(deployment, ping(deployment))


def ping(deployment: Deployment) -> ServerInfo:
    """What the deployment says of itself, within 2 s in all: on a thread of its own, since looking up a name has no timeout.

    Raises:
        Unreachable: nothing answers in time. AccessDenied: the key is missing or refused.
    """
    answer: Future[ServerInfo] = Future()
    asking = threading.Thread(target=_fulfil, args=(answer, deployment), name="lg_magics ping", daemon=True)
    asking.start()
    try:
        return answer.result(PING_SECONDS + GRACE)
    except FutureTimeout:
        raise _silent(deployment) from None
    finally:
        del answer  # an error that it holds would hold it


def _fulfil(answer: Future[ServerInfo], deployment: Deployment) -> None:
    try:
        answer.set_result(_ping(deployment))
    except BaseException as problem:  # noqa: BLE001 - raised where it is waited for
        answer.set_exception(problem)


def _ping(deployment: Deployment) -> ServerInfo:
    """What the deployment says of itself, within 2 s in all (a refused connection takes the SDK 7.5 s)."""
    import httpx

    from lg_magics.server.transport import PingTransport

    transport = PingTransport(PING_SECONDS, proxy=deployment.proxy)
    client = httpx.Client(base_url=deployment.url, headers=_headers(deployment), transport=transport)
    with client, translated(deployment.url, "connect"):
        try:
            response = client.get("/info")
            if response.status_code in LACKING:
                return _info_by_other_means(deployment, client)
        except httpx.TimeoutException as problem:
            raise _silent(deployment) from problem
        response.raise_for_status()
    return _info(deployment, response)


def _info_by_other_means(deployment: Deployment, client: httpx.Client) -> ServerInfo:
    """Nothing is known of a deployment without `/info`, but that it is one: it says ok, or lists its assistants or threads."""
    ok = client.get("/ok")
    if ok.status_code not in LACKING:
        ok.raise_for_status()
        return ServerInfo("", {})
    for path in ("/assistants/search", "/threads/search"):
        answer = client.post(path, json={"limit": 1})
        if answer.status_code not in LACKING:
            answer.raise_for_status()
            if isinstance(_json(answer), list):
                return ServerInfo("", {})
    raise _no_server(deployment)


def _silent(deployment: Deployment) -> Unreachable:
    return Unreachable(
        f"No deployment answers at {deployment.url} within 2 s.",
        hint="%lg_status tells more, %lg_connect connects anew.",
    )


def _no_server(deployment: Deployment) -> Unreachable:
    return Unreachable(
        f"What answers at {deployment.url} is no LangGraph server.",
        hint="Is the address right? %lg_connect local starts one.",
    )


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _info(deployment: Deployment, response: httpx.Response) -> ServerInfo:
    said = _json(response)
    if not isinstance(said, Mapping) or not ("version" in said or "flags" in said):
        raise _no_server(deployment)
    flags = said.get("flags")
    known = {k: v for k, v in flags.items() if isinstance(v, bool)} if isinstance(flags, Mapping) else {}
    return ServerInfo(str(said.get("version") or ""), known)


def _headers(deployment: Deployment) -> dict[str, str]:
    from lg_magics import __version__

    check_headers(deployment.headers)
    key = deployment.key()
    return {
        "User-Agent": f"lg-magics/{__version__}",
        **deployment.headers,
        **local_key(deployment),
        **({"x-api-key": key} if key else {}),
    }
