"""An open connection to one deployment: a sync client for the foreground, async clients for the background loop.

The sync client serves foreground calls. httpx binds an async client to one event loop for life, so only the background loop
may use the async ones. Streams have a client of their own, so that they never starve other calls.
"""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lg_magics.errors import AccessDenied, DeploymentError, Unreachable
from lg_magics.model.question_numbers import QuestionNumbers
from lg_magics.server.calls import Awaited, Direct
from lg_magics.server.capabilities import Capabilities
from lg_magics.server.deployment import Deployment, merged_headers
from lg_magics.server.errors import check_answer, translated
from lg_magics.server.ping import ServerInfo, ping, sent_headers
from lg_magics.server.resources import Resources

if TYPE_CHECKING:
    import httpx
    from langgraph_sdk.client import LangGraphClient, SyncLangGraphClient

__all__ = ["Connection", "ServerInfo", "connect"]

MOMENT = 1.0
IDLE_SECONDS = 30.0
"""Seconds without progress after which a call ends."""
REFUSING = (401, 403, 407, 429)
"""The statuses that may refuse everything."""
SAME_CLOCK = timedelta(seconds=3)
CALL_SECONDS = {"connect": 5.0, "read": IDLE_SECONDS, "write": IDLE_SECONDS, "pool": 5.0}
# The user's own code chooses the timeout of its calls.
LENT_SECONDS = {"connect": 5.0, "read": 300.0, "write": 300.0, "pool": 5.0}
# A short call that takes longer uses a dead connection; the code that follows a run retries it.
POLL_SECONDS = {"connect": 5.0, "read": 15.0, "write": 30.0, "pool": 5.0}
# A stream's heartbeat comes every 5 s: three missing ones mean a dead connection.
STREAM_SECONDS = {"connect": 5.0, "read": 16.0, "write": 30.0, "pool": 5.0}


_open: weakref.WeakSet[Connection] = weakref.WeakSet()
_left: list[object] = []


class Connection(Resources[Direct]):
    """Clients of one deployment. `connect` makes it, after the deployment has answered.

    Calls are `connection.threads.find(id)`, and `await connection.background.threads.find(id)` on the background loop. Only this
    package may use the SDK's clients.

    `key_source` is the environment variable that holds the key; None if no key is sent. `shown_proxy` is the proxy's address,
    without its password; "" for none. `lacking` holds the features that the deployment was found to lack, and `is_probed` whether
    all of them were probed (see `server.capabilities`). `finds_by_id` becomes False when a search for threads by id returns other
    threads (see `server.threads`). `capabilities` are read on first use (see `server.capabilities`).
    """

    def __init__(self, deployment: Deployment, info: ServerInfo) -> None:
        from lg_magics.server.certificates import certificate_files

        super().__init__(self, is_awaited=False)
        self.deployment = deployment
        self.info = info
        self.key_source = deployment.key_source
        self.lacking: set[str] = set()
        self.is_probed = False
        self.finds_by_id = True
        self.capabilities: Capabilities | None = None
        self.question_numbers = QuestionNumbers()
        self.conversation_keys: dict[str, str] = {}  # by graph, of those whose threads have no `messages`
        self._answered_at = float("-inf")
        self._headers = sent_headers(deployment)
        self._way = (deployment, deployment.proxy, self._headers, certificate_files())
        self.shown_proxy = deployment.shown_proxy
        self._lent: weakref.WeakSet[httpx.Client] = weakref.WeakSet()
        self._date = "", datetime.now(UTC)
        _open.add(self)

    def __repr__(self) -> str:
        return f"<Connection to {self.deployment.name} at {self.deployment.url}>"

    @property
    def url(self) -> str:
        """The deployment's address, without secrets."""
        return self.deployment.url

    @property
    def has_few_streams(self) -> bool:
        """Whether to open at most one stream: an independent server may use one of its few database connections for each."""
        return self.info.is_other

    @cached_property
    def background(self) -> Resources[Awaited]:
        """The same calls, to be awaited on the background loop."""
        return Resources(self, is_awaited=True)

    def open_background(self) -> None:
        """Create the client of the background loop in advance, so that the first call on it is fast."""
        self.polls  # noqa: B018 - cached

    @cached_property
    def sync(self) -> SyncLangGraphClient:
        """The SDK's client for foreground calls."""
        from langgraph_sdk.client import SyncLangGraphClient

        from lg_magics.server.client import Client
        from lg_magics.server.transport import KEPT, SyncTransport, opened

        given = self.deployment.timeout
        seconds = given or IDLE_SECONDS
        transport = opened(SyncTransport, self.deployment, seconds=seconds, limits=KEPT)
        hooks = {"response": [self._on_response]}
        timeouts = {"connect": given or CALL_SECONDS["connect"], "read": seconds, "write": seconds}
        client = Client(transport=transport, event_hooks=hooks, **self._options({**CALL_SECONDS, **timeouts}))
        weakref.finalize(client, transport.close).atexit = False
        return SyncLangGraphClient(client)

    @cached_property
    def polls(self) -> LangGraphClient:
        """The SDK's async client for short calls, for the background loop only."""
        import httpx
        from langgraph_sdk.client import LangGraphClient

        from lg_magics.server.transport import KEPT, AsyncTransport, opened

        async def on_response(response: httpx.Response) -> None:
            self._on_response(response)

        limits = self._at_least(POLL_SECONDS, "connect", "read", "write")
        transport = opened(AsyncTransport, self.deployment, seconds=limits["read"], limits=KEPT)
        hooks = {"response": [on_response]}
        return LangGraphClient(httpx.AsyncClient(transport=transport, event_hooks=hooks, **self._options(limits)))

    @cached_property
    def streams(self) -> LangGraphClient:
        """The SDK's async client for streams, for the background loop only."""
        import httpx
        from langgraph_sdk.client import LangGraphClient

        from lg_magics.server.transport import STREAMS, StreamTransport, opened, remember

        hooks = {"response": [remember]}
        options = self._options(self._at_least(STREAM_SECONDS, "connect"))
        transport = opened(StreamTransport, self.deployment, limits=STREAMS)
        return LangGraphClient(httpx.AsyncClient(transport=transport, event_hooks=hooks, **options))

    def lent(self, headers: Mapping[str, str]) -> SyncLangGraphClient:
        """Make a sync client for the user's own code.

        It sends what this connection sends, and `headers`. The SDK does not read a key from the environment. It is closed with
        the connection, or when nothing uses it any more.
        """
        import httpx
        from langgraph_sdk.client import SyncLangGraphClient

        from lg_magics.server.transport import KEPT, SyncTransport, opened

        transport = opened(SyncTransport, self.deployment, limits=KEPT)
        client = httpx.Client(transport=transport, **self._options(self._at_least(LENT_SECONDS, "connect"), headers))
        weakref.finalize(client, transport.close).atexit = False
        self._lent.add(client)
        return SyncLangGraphClient(client)

    def lent_awaited(self, headers: Mapping[str, str]) -> LangGraphClient:
        """Make an async client for the user's own code, for one event loop, which this package does not control."""
        import httpx
        from langgraph_sdk.client import LangGraphClient

        from lg_magics.server.transport import KEPT, AsyncTransport, opened

        transport = opened(AsyncTransport, self.deployment, limits=KEPT)
        return LangGraphClient(
            httpx.AsyncClient(transport=transport, **self._options(self._at_least(LENT_SECONDS, "connect"), headers))
        )

    def _at_least(self, limits: Mapping[str, float], *names: str) -> dict[str, float]:
        """Return time limits, of which these are raised to the deployment's own, if it is longer."""
        return {**limits, **{name: max(limits[name], self.deployment.timeout or 0) for name in names}}

    def _options(self, seconds: Mapping[str, float], headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        import httpx

        sent = merged_headers(self._headers, headers or {})
        return {"base_url": self.url, "headers": sent, "timeout": httpx.Timeout(**seconds)}

    def doing(self, what: str, *, missing: str = "", hint: str = "", feature: str = "") -> AbstractContextManager[None]:
        """Translate foreign errors inside (see `server.errors.translated`), and record a lacking call."""
        how = {"missing": missing, "hint": hint, "feature": feature, "proxy": self.shown_proxy}
        return translated(self.url, what, lacking=self.lacking, **how)

    def is_like(self, other: Connection) -> bool:
        """Return whether both send the same headers to the same deployment, by the same proxy and with the same certificates."""
        return self._way == other._way

    def problem(self) -> DeploymentError | None:
        """Return the error of a small request now, within 2 s; None if the deployment answers, or did a moment ago.

        The request has the headers of the connection: a key that has left the environment since is still sent.
        """
        if time.monotonic() - self._answered_at < MOMENT:
            return None
        try:
            ping(self.deployment, headers=self._headers)
        except DeploymentError as problem:
            return problem
        return None

    def is_alive(self) -> bool:
        """Return whether the deployment answers now (within 2 s), be it with a refusal, or did a moment ago."""
        problem = self.problem()
        return problem is None or not isinstance(problem, Unreachable)

    def now(self) -> datetime:
        """Return the deployment's current time, from the `Date` headers of its responses, which have whole seconds."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    @property
    def ahead(self) -> float:
        """How far the deployment's clock is ahead of this machine's, in seconds; 0 if the clocks are about the same."""
        date, here = self._date
        try:
            there = parsedate_to_datetime(date)
        except ValueError:
            return 0.0
        ahead = (there if there.tzinfo else there.replace(tzinfo=UTC)) - here
        return ahead.total_seconds() if abs(ahead) > SAME_CLOCK else 0.0

    def _on_response(self, response: httpx.Response) -> None:
        """An httpx hook: record that the deployment, or something in its place, answered."""
        check_answer(response)
        if response.status_code < 500:
            if response.status_code not in REFUSING:
                self._answered_at = time.monotonic()
            self._date = response.headers.get("date", ""), datetime.now(UTC)

    def close(self) -> None:
        """Close the sync clients. The background loop closes the async ones with `aclose`.

        A handle that is read after the end of its session opens another sync client.
        """
        if (client := self.__dict__.pop("sync", None)) is not None:
            client.close()
        for client in tuple(self._lent):
            client.close()

    async def aclose(self) -> None:
        """Close the async clients, on the background loop."""
        for name in ("polls", "streams"):
            if name in self.__dict__:
                await getattr(self, name).aclose()

    def reset_after_fork(self) -> None:
        """Drop the clients of the parent process after a fork, without closing them: two processes may not share a socket."""
        for name in ("sync", "polls", "streams"):
            _left.append(self.__dict__.pop(name, None))
        self._lent = weakref.WeakSet()


def _renew_after_fork() -> None:
    for each in list(_open):
        each.reset_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_after_fork)


def connect(deployment: Deployment, seconds: float | None = None) -> Connection:
    """Connect to a deployment. It must answer within 2 s, or within `seconds`.

    Raises:
        Unreachable: nothing answers in time, or the answer is not from a LangGraph server.
        AccessDenied: the key is missing or rejected.
        SettingsError: the variable that should hold the key is not set.
    """
    try:
        info = ping(deployment, seconds)
    except AccessDenied as problem:
        for name, why in deployment.unusable_keys.items():
            hint = f"The key in {name} {why}, and is not sent: set it again, then connect."
            raise AccessDenied(problem.message, hint=hint, status_code=problem.status_code) from problem
        raise
    return Connection(deployment, info)
