"""Read `/info` of a deployment, with a short time limit. Must not depend on the SDK."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lg_magics.errors import Unreachable
from lg_magics.server.deployment import Deployment, check_headers, local_key, merged_headers
from lg_magics.server.errors import stopped_read, translated
from lg_magics.server.unreachable import check_place
from lg_magics.server.waits import noted

if TYPE_CHECKING:
    import httpx

__all__ = ["ServerInfo", "ping", "sent_headers"]

PING_SECONDS = 1.8
GRACE = 0.1
LACKING = (404, 405, 501)
"""The status codes of a server that lacks a call."""
OWN = {"langgraph_py_version", "langgraph_js_version", "host"}
"""What only LangGraph's own servers describe."""


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """A deployment's own description: `version`, and `flags` of its features (empty if unknown).

    `is_other` is True for an independent server of the same API: LangGraph's own also reports its version of langgraph.
    """

    version: str
    flags: Mapping[str, bool]
    is_other: bool = False


def ping(deployment: Deployment, seconds: float | None = None, headers: Mapping[str, str] | None = None) -> ServerInfo:
    """Read a deployment's description within 2 s in all, on a separate thread, since a name lookup has no timeout.

    Args:
        deployment: the deployment.
        seconds: the time limit instead of 2 s: a server known to run on this machine gets longer. The deployment's own
            `timeout` also counts here.
        headers: the headers to send, of an open connection; those of the deployment otherwise, with its key as it is now.

    Raises:
        Unreachable: nothing answers in time. AccessDenied: the key is missing or rejected.
    """
    import httpx  # noqa: F401 - what this machine takes to import it is no time of the deployment's

    from lg_magics.server import transport  # noqa: F401

    seconds = seconds or deployment.timeout or PING_SECONDS
    answer: Future[ServerInfo] = Future()
    asking = threading.Thread(
        target=_fulfil, args=(answer, deployment, seconds, headers), name="lg_magics ping", daemon=True
    )
    asking.start()
    try:
        with noted(deployment.url):
            return answer.result(seconds + GRACE)
    except FutureTimeout:
        raise _silent(deployment, seconds) from None
    except KeyboardInterrupt:
        raise stopped_read(deployment.url, "connect") from None
    finally:
        del answer  # break the reference cycle with the error that it holds


def _fulfil(
    answer: Future[ServerInfo], deployment: Deployment, seconds: float, headers: Mapping[str, str] | None
) -> None:
    try:
        answer.set_result(_ping(deployment, seconds, headers))
    except BaseException as problem:  # noqa: BLE001 - raised where it is waited for
        answer.set_exception(problem)


def _ping(deployment: Deployment, seconds: float, headers: Mapping[str, str] | None) -> ServerInfo:
    """Read the description on this thread, in the remaining time (a refused connection takes the SDK 7.5 s)."""
    import httpx

    from lg_magics.server.transport import PingTransport, opened

    transport = opened(PingTransport, deployment, seconds=seconds)
    sent = sent_headers(deployment) if headers is None else headers
    hooks = {"response": [check_place]}
    with (
        translated(deployment.url, "connect", proxy=deployment.shown_proxy),
        httpx.Client(base_url=deployment.url, headers=sent, transport=transport, event_hooks=hooks) as client,
    ):
        try:
            response = client.get("/info")
            if response.status_code in LACKING:
                return _info_by_other_means(deployment, client)
        except httpx.TimeoutException as problem:
            raise _silent(deployment, seconds) from problem
        response.raise_for_status()
    return _info(deployment, response)


def _info_by_other_means(deployment: Deployment, client: httpx.Client) -> ServerInfo:
    """Recognize a deployment without `/info`: its `/ok` answers, or it lists its assistants or threads."""
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


def _silent(deployment: Deployment, seconds: float) -> Unreachable:
    through = f" through the proxy {proxy}" if (proxy := deployment.shown_proxy) else ""
    return Unreachable(
        f"No deployment answers at {deployment.url}{through} within {f'{seconds:.0f}' if seconds >= 1 else f'{seconds:g}'} s.",
        hint="%lg_connect … --timeout 20 waits longer, %lg_status shows more.",
    )


def _no_server(deployment: Deployment) -> Unreachable:
    return Unreachable(
        f"The server at {deployment.url} is not a LangGraph server.",
        hint="Is the address right? %lg_connect local starts one.",
    )


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _info(deployment: Deployment, response: httpx.Response) -> ServerInfo:
    body = _json(response)
    if not isinstance(body, Mapping) or not ("version" in body or "flags" in body):
        raise _no_server(deployment)
    flags = body.get("flags")
    known = {k: v for k, v in flags.items() if isinstance(v, bool)} if isinstance(flags, Mapping) else {}
    return ServerInfo(str(body.get("version") or ""), known, is_other=not OWN & body.keys())


def sent_headers(deployment: Deployment) -> dict[str, str]:
    """Return the headers of every request, with the deployment's key.

    Raises:
        SettingsError: a header cannot be sent, or the key is missing.
    """
    from lg_magics import __version__

    check_headers(deployment.headers)
    key = deployment.key()
    return merged_headers(
        {"User-Agent": f"lg-magics/{__version__}"},
        deployment.headers,
        local_key(deployment),
        {"x-api-key": key} if key else {},
    )
