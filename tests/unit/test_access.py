"""Who is admitted to the embedded server, by what a request says."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from lg_magics.errors import LocalServerError
from lg_magics.local.access import KEY_FILE, Access, make_key, origin_from
from lg_magics.local.peer import Peer

OWN = "127.0.0.1:2024"
LINK = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def asked(
    headers: dict[str, str] | None = None,
    *,
    path: str = "/threads",
    method: str = "GET",
    peer: Peer = Peer.OWN,
    type: str = "http",
) -> dict[str, Any]:
    """A request as uvicorn gives it to an app."""
    given = {"host": OWN, **(headers or {})}
    pairs = [(name.encode(), value.encode()) for name, value in given.items()]
    return {"type": type, "method": method, "path": path, "headers": pairs, "state": {"lg_magics.peer": peer}}


ACCESS = Access("k", origins=["https://smith.langchain.com"])
ADMITTED = [
    {},
    {"host": "localhost:2024"},
    {"host": "LOCALHOST"},
    {"host": "[::1]:2024"},
    {"host": "lab.localhost:8888"},
    {"host": "127.0.0.2"},
    {"origin": f"http://{OWN}"},
    {"origin": f"http://{OWN}", "sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
    {"origin": "https://smith.langchain.com", "sec-fetch-site": "cross-site"},
]
REFUSED = [
    {"host": "rebound.example:2024"},
    {"host": "127.0.0.1.nip.io"},
    {"host": "localhost.evil.example"},
    {"host": "evillocalhost"},
    {"host": "10.0.0.5:2024"},
    {"host": ""},
    {"host": "[::1"},
    {"host": "evil.example@127.0.0.1"[:12]},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "http://localhost:8888"},
    {"origin": "http://127.0.0.1:2025"},
    {"origin": "https://127.0.0.1:2024"},
    {"origin": "https://smith.langchain.com.evil.example"},
    {"origin": "http://smith.langchain.com"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "something new"},
    LINK,
]


@pytest.mark.parametrize("headers", ADMITTED, ids=str)
@pytest.mark.parametrize("type", ["http", "websocket"])
def test_programs_and_the_pages_that_were_named_are_admitted(headers: dict[str, str], type: str) -> None:
    assert ACCESS.refusal(asked(headers, type=type)) == ""


@pytest.mark.parametrize("headers", REFUSED, ids=str)
@pytest.mark.parametrize("type", ["http", "websocket"])
def test_pages_and_foreign_names_are_refused(headers: dict[str, str], type: str) -> None:
    assert ACCESS.refusal(asked(headers, type=type)) != ""
    assert ACCESS.refusal(asked({**headers, "x-lg-key": "k"}, type=type)) != ""  # a key admits no page


def test_each_of_several_headers_of_a_name_must_do() -> None:
    for name, good, bad in (("host", OWN, "evil.example"), ("origin", f"http://{OWN}", "https://evil.example")):
        for pair in ((good, bad), (bad, good)):
            request = asked()
            request["headers"] = [each for each in request["headers"] if each[0] != name.encode()]
            request["headers"] += [(name.encode(), each.encode()) for each in pair]
            request["headers"] += [(b"host", OWN.encode())] if name == "origin" else []
            assert ACCESS.refusal(request) != ""
    request = asked()
    request["headers"] = []
    assert ACCESS.refusal(request) != ""


def test_a_link_opens_the_documentation_and_nothing_else() -> None:
    assert ACCESS.refusal(asked(LINK, path="/docs")) == ""
    assert Access("k", prefix="/api").refusal(asked(LINK, path="/api/docs")) == ""
    assert ACCESS.refusal(asked(LINK, path="/openapi.json")) != ""
    assert ACCESS.refusal(asked(LINK, path="/store/docs")) != ""
    assert ACCESS.refusal(asked(LINK, path="/docs", method="POST")) != ""
    assert ACCESS.refusal(asked({**LINK, "sec-fetch-dest": "iframe"}, path="/docs")) != ""
    assert ACCESS.refusal(asked({**LINK, "sec-fetch-mode": "no-cors"}, path="/docs")) != ""


def test_another_user_is_refused_even_with_the_key() -> None:
    assert "another user" in ACCESS.refusal(asked(peer=Peer.OTHER))
    assert "another user" in ACCESS.refusal(asked({"x-lg-key": "k"}, peer=Peer.OTHER))


def test_where_the_user_is_unknown_or_a_key_is_required_the_key_admits() -> None:
    assert "x-lg-key" in ACCESS.refusal(asked(peer=Peer.UNKNOWN))
    assert ACCESS.refusal(asked({"x-lg-key": "wrong"}, peer=Peer.UNKNOWN)) != ""
    assert ACCESS.refusal(asked({"x-lg-key": "ü"}, peer=Peer.UNKNOWN)) != ""
    assert ACCESS.refusal(asked({"x-lg-key": "k"}, peer=Peer.UNKNOWN)) == ""
    strict = Access("k", needs_key=True)
    assert strict.refusal(asked()) != ""
    assert strict.refusal(asked({"x-lg-key": "k"})) == ""


def test_a_request_of_which_nothing_is_known_wants_the_key() -> None:
    request = asked()
    del request["state"]
    assert "x-lg-key" in ACCESS.refusal(request)
    assert "x-lg-key" in ACCESS.refusal({**request, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2)})


def test_the_key_is_in_a_file_that_only_its_user_can_read(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        key = make_key(tmp_path)
    finally:
        os.umask(old)
    file = tmp_path / KEY_FILE
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (key, 0o600)
    assert make_key(tmp_path) != key


def test_an_origin_is_written_as_browsers_send_it() -> None:
    assert origin_from(" https://Smith.LangChain.com/ ") == "https://smith.langchain.com"
    assert origin_from("http://localhost:8888") == "http://localhost:8888"
    assert origin_from("https://hub.example:443") == "https://hub.example"
    assert origin_from("http://[::1]:80") == "http://[::1]"
    for wrong in (
        "*",
        "null",
        "",
        "smith.langchain.com",
        "https://*.example",
        "https://a.example/x",
        "ftp://a",
        "https://u@a",
        "http://a:b",
    ):
        with pytest.raises(LocalServerError, match="not an origin"):
            origin_from(wrong)
