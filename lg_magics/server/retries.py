"""Decides which requests are sent again, and when. Sends none.

- A read whose connection turns out to be closed is sent once more: this is common right after a 500.
- A request that the server asks to repeat later (`Retry-After`) is sent again, if that is within 10 s: a read after 429 and
  503, a write after 429 only. A 503 may come from a gateway whose server had started the work, and a write is never sent twice.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

__all__ = ["Retries", "is_read", "retry_after", "without_retries"]

# POST requests that change nothing.
READS = re.compile(r".*/(search|count|history|namespaces|checkpoint)")
BUSY = (429, 503)
REFUSED = (429,)
"""The statuses of BUSY after which a write was certainly not made."""
LATER_AT_MOST = 10.0  # seconds
LATER_AT_LEAST = 1.0  # a busy server may send 0, or a time in the past
_caller_retries: ContextVar[bool] = ContextVar("lg_magics_caller_retries", default=False)


class Retries:
    """The retries of one request, within 10 s of its start."""

    def __init__(self, request: httpx.Request) -> None:
        self._request = request
        self._until = time.monotonic() + LATER_AT_MOST

    def seconds(self, response: httpx.Response) -> float | None:
        """Return the seconds after which to send the request again; None if it is not to be sent again."""
        status = response.status_code
        if status not in BUSY or not (status in REFUSED or is_read(self._request)) or _caller_retries.get():
            return None
        asked = retry_after(response)
        later = None if asked is None else max(asked, LATER_AT_LEAST)
        return None if later is None or time.monotonic() + later > self._until else later


@contextmanager
def without_retries() -> Iterator[None]:
    """Return the first answer to each request inside, a refusal too: the caller sends it again at its own pace."""
    before = _caller_retries.set(True)
    try:
        yield
    finally:
        _caller_retries.reset(before)


def is_read(request: httpx.Request) -> bool:
    """Return whether a request changes nothing."""
    return request.method == "GET" or (request.method == "POST" and bool(READS.fullmatch(request.url.path)))


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds after which the server asks for a retry; None if it does not."""
    text = response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    try:
        when = parsedate_to_datetime(text)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (when - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):
        return None
