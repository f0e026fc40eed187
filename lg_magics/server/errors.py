"""Translates exceptions of httpx and the SDK, in one place, into an LgError that states what failed, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from json import JSONDecodeError
from typing import TYPE_CHECKING

from lg_magics import errors
from lg_magics.model.records import UnexpectedShape
from lg_magics.model.visible_text import visible_line, visible_text
from lg_magics.server.unreachable import (
    PROXY_STATUS,
    NotTheDeployment,
    check_place,
    intercepted,
    not_connected,
    refused_by_proxy,
)

if TYPE_CHECKING:
    import httpx

__all__ = [
    "check_answer",
    "detail_of",
    "is_answer_lost",
    "is_away",
    "is_nobody_there",
    "maybe_done",
    "stopped_read",
    "translated",
]

DETAIL_LENGTH = 400
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
GATEWAY = (500, 502, 503, 504)
AWAY = (429, 502, 503, 504)
NOT_JSON = (
    "not JSON serializable",
    "not valid UTF-8",
    "Recursion limit reached",
    "Dict key must",
    "exceeds 64-bit range",
)
NAMELESS_DETAILS = ("", "not found", "404 not found", "404 page not found", "no route matched with those values")
KINDS: Mapping[int, type[errors.DeploymentError]] = {
    400: errors.InvalidRequest,
    401: errors.AccessDenied,
    403: errors.AccessDenied,
    404: errors.NotFound,
    405: errors.Unsupported,
    409: errors.Conflict,
    422: errors.InvalidRequest,
    501: errors.Unsupported,
}


@contextmanager
def translated(
    url: str,
    doing: str,
    *,
    missing: str = "",
    hint: str = "",
    feature: str = "",
    lacking: set[str] | None = None,
    proxy: str = "",
) -> Iterator[None]:
    """Turn exceptions of httpx and the SDK raised inside into an LgError.

    Args:
        url: the deployment's address, for the message.
        doing: the attempted operation: "list the threads".
        missing: what a 404 means here: "thread t2 ·0e7caf".
        hint: what to type next after a 404.
        feature: the feature that a deployment without this call lacks: "crons".
        lacking: gets `feature` if the deployment lacks the call.
        proxy: the address of the proxy before the deployment, without its password.

    Raises:
        DeploymentError: or a subclass: Unreachable also if something other than the deployment answered, UnexpectedResponse if
            the response has another shape.
        ReadInterrupted: a kernel interrupt.
    """
    import httpx

    try:
        yield
    except httpx.HTTPStatusError as problem:
        if problem.response.status_code == PROXY_STATUS:
            raise refused_by_proxy(url, doing, proxy, str(PROXY_STATUS)) from problem
        error = _from_status(problem, url, doing, missing=missing, hint=hint, feature=feature)
        if lacking is not None and feature and isinstance(error, errors.Unsupported):
            lacking.add(feature)
        raise error from problem
    except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
        raise not_connected(problem, url, doing, proxy) from problem
    except httpx.ProxyError as problem:
        raise refused_by_proxy(url, doing, proxy, visible_line(str(problem))) from problem
    except (httpx.ReadTimeout, httpx.WriteTimeout) as problem:
        raise errors.Unreachable(
            f"{url} stopped answering: cannot {doing}.",
            hint="%lg_connect … --timeout SECONDS waits longer; 30 s without progress is the default.",
        ) from problem
    except httpx.RequestError as problem:
        why = type(problem).__name__
        raise errors.Unreachable(
            f"The connection to {url} was lost ({why}): cannot {doing}.", hint="Try again."
        ) from problem
    except httpx.InvalidURL as problem:
        raise errors.InvalidRequest(f"{url} cannot be asked to {doing}: {problem}.") from problem
    except NotTheDeployment as problem:
        raise intercepted(url, doing, str(problem), problem.to) from problem
    except JSONDecodeError as problem:  # a truncated response
        raise intercepted(url, doing, "the response is not JSON") from problem
    except UnexpectedShape as problem:
        raise errors.UnexpectedResponse(
            f"{url} answered with {problem}: cannot {doing}.", hint="%lg_status shows what answers there."
        ) from problem
    except TypeError as problem:
        if not _is_about_json(problem):
            raise
        raise errors.InvalidRequest(f"This cannot be sent as JSON: {problem}") from problem
    except KeyboardInterrupt:  # a write catches this, and raises WriteInterrupted
        raise stopped_read(url, doing) from None


def stopped_read(url: str, doing: str) -> errors.ReadInterrupted:
    """Return the error of a kernel interrupt while a read of this deployment is not answered."""
    return errors.ReadInterrupted(
        f"Stopped before {url} answered: cannot {doing}.", hint="This request changes nothing."
    )


def is_answer_lost(problem: errors.DeploymentError) -> bool:
    """Return whether the deployment may have made the change, with only its response lost. A connection must have existed."""
    import httpx

    never = httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError
    if isinstance(problem.__cause__, never) or problem.status_code == PROXY_STATUS:
        return False
    return isinstance(problem, errors.Unreachable | errors.UnexpectedResponse) or problem.status_code in GATEWAY


def maybe_done(problem: errors.DeploymentError, check_with: str) -> errors.DeploymentError:
    """Add the command that shows whether the change was made: a retry without a check may make it twice."""
    return type(problem)(problem.message, hint=f"It may have been made: {check_with}", status_code=problem.status_code)


def is_away(problem: errors.DeploymentError) -> bool:
    """Return whether an error concerns all requests: the deployment does not answer, or has too many of them."""
    return isinstance(problem, errors.Unreachable) or problem.status_code in AWAY


def is_nobody_there(problem: errors.DeploymentError) -> bool:
    """Return whether no process listens at the address. One that listens may be busy, or stopped for a while."""
    import httpx

    return isinstance(problem.__cause__, httpx.ConnectError)


def check_answer(response: httpx.Response) -> None:
    """An httpx hook: reject a redirect or a web page, which no deployment answers. `translated` reports it."""
    check_place(response)
    if response.is_success and response.headers.get("content-type", "").startswith("text/html"):
        raise NotTheDeployment("a web page")


def _is_about_json(problem: TypeError) -> bool:
    """Return whether orjson, in the SDK, could not serialize a value; it raises a bare TypeError."""
    return any(words in str(problem) for words in NOT_JSON)


def _from_status(
    problem: httpx.HTTPStatusError, url: str, doing: str, *, missing: str, hint: str, feature: str
) -> errors.DeploymentError:
    from lg_magics.server.retries import retry_after

    status = problem.response.status_code
    detail = detail_of(problem)
    if status == 404 and not (feature or _is_its_own(problem)):
        return intercepted(url, doing, f"{status}{f', {detail}' if detail else ''}")
    if _is_lacking(status, detail, may_be_missing=bool(missing)) and (feature or status != 404):
        has_no = f"has no {feature}" if feature else f"has no call to {doing}"
        return errors.Unsupported(f"This deployment ({url}) {has_no}.", status_code=status)
    if status == 404 and missing:
        return errors.NotFound(f"No {missing} on {url}.", hint=hint, status_code=status)
    if status in (401, 403):
        hint = _hint_of_denial(problem)
    elif status != 404 and not _names_missing_object(detail, missing):
        hint = ""
    kind = KINDS.get(status, errors.DeploymentError)
    reason = f": {detail}" if detail else ""
    later = retry_after(problem.response)
    if later is not None:
        hint = f"It asks to try again in {later:.0f} s."
    did = "failed" if status >= 500 else "refused"
    return kind(f"{url} {did} to {doing} ({status}){reason}", hint=hint, status_code=status, retry_after=later)


def _hint_of_denial(problem: httpx.HTTPStatusError) -> str:
    """Return the hint for a 401 or a 403. A user who is known to the server needs a permission, not another key."""
    sent = problem.request.headers
    if problem.response.status_code == 403 and ("x-api-key" in sent or "authorization" in sent):
        return "The deployment knows you and does not allow this: ask its operator."
    return "Name the variable that holds the key: %lg_connect URL --api-key-env VARIABLE"


def _names_missing_object(detail: str, missing: str) -> bool:
    """Return whether a rejection names one of the things that may be missing: `Unknown assistant 'nobody'`."""
    return any(noun in detail.lower() for noun in re.findall(r"assistant|graph|thread|cron|item", missing))


def _is_its_own(problem: httpx.HTTPStatusError) -> bool:
    """Return whether the 404 is the server's own. A gateway that has lost its server answers 404 with its own text or page.

    Older servers (langgraph-api 0.2) answer with a text that names the object by its id, and not by its path.
    """
    body = getattr(problem, "body", None)
    asked = ID.findall(problem.request.url.path)
    return isinstance(body, Mapping) or (
        isinstance(body, str) and any(each in body.replace(f"/{each}", "") for each in asked)
    )


def _is_lacking(status: int, detail: str, *, may_be_missing: bool) -> bool:
    """Return whether a response means that the deployment lacks the call: a 404 that cannot concern an object, or names none."""
    if status == 404:
        return not may_be_missing or detail.strip(". ").lower() in NAMELESS_DETAILS or "<html" in detail.lower()
    return status in (405, 501)


def detail_of(problem: httpx.HTTPStatusError) -> str:
    """Return the server's error message on one line; "" if there is none."""
    body = getattr(problem, "body", None) or _body_of(problem)
    if fields := _refused_fields(body.get("detail") if isinstance(body, Mapping) else None):
        return _shortened("; ".join(fields))
    for key in ("detail", "message", "error"):
        if isinstance(body, Mapping) and body.get(key):
            return "" if _is_page(str(body[key])) else _shortened(body[key])
    text = body if isinstance(body, str) else " ".join(getattr(problem, "__notes__", []))
    return "" if _is_page(text) else _shortened(text)


def _refused_fields(detail: object) -> list[str]:
    """Return the body of a pydantic 422 as sentences: `limit: Input should be less than or equal to 100`; [] for other bodies."""
    if not isinstance(detail, list) or not all(isinstance(each, Mapping) and "msg" in each for each in detail):
        return []
    return [f"{where}: {each['msg']}" if (where := _place(each.get("loc"))) else str(each["msg"]) for each in detail]


def _place(steps: object) -> str:
    parts = [str(each) for each in steps] if isinstance(steps, list) else []
    return ".".join(parts[1:] if parts[:1] == ["body"] else parts)


def _body_of(problem: httpx.HTTPStatusError) -> object:
    """Return the response's JSON, where httpx raised and not the SDK; None if it is not JSON, or was not read."""
    with suppress(Exception):
        return problem.response.json()
    return None


def _is_page(text: str) -> bool:
    """Return whether a text is a web page, which a gateway sends instead of the server's own message."""
    return re.match(r"\s*(<!doctype|<html|<\?xml)", text, re.IGNORECASE) is not None or "</html>" in text.lower()


def _shortened(value: object) -> str:
    text = visible_text(" ".join(str(value).split()))
    return text if len(text) <= DETAIL_LENGTH else text[:DETAIL_LENGTH] + "…"
