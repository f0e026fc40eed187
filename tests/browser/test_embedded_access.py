"""Web pages and the embedded server: what a page of another origin can do to it from a real browser, which is nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from langgraph_sdk import get_sync_client
from playwright.sync_api import Browser, BrowserType, Page, expect

from lg_magics import local

from .chromium import CHROMIUM, FLAGS

# What a page may try. Each gives what it read, or how it failed.
FETCH = """async ([url, options]) => {
  try { const answer = await fetch(url, options); return [answer.type, answer.status, await answer.text()]; }
  catch (problem) { return ['failed', 0, '']; }
}"""
SOCKET = """url => new Promise(done => {
  const socket = new WebSocket(url);
  socket.onopen = () => done('open');
  socket.onerror = () => done('failed');
})"""
FORM = """url => {
  const form = document.createElement('form');
  Object.assign(form, {method: 'POST', action: url, enctype: 'text/plain'});
  const field = document.createElement('input');
  Object.assign(field, {name: '{"metadata": {"from": "form"}, "x": "', value: '"}'});
  form.append(field); document.body.append(form); form.submit();
}"""
LINK = """url => {
  const link = document.createElement('a'); link.href = url; document.body.append(link); link.click();
}"""
EVENTS = "/threads/00000000-0000-4000-8000-000000000000/stream/events"
TEXT = {"content-type": "text/plain"}
NEW_THREAD = {"method": "POST", "headers": TEXT, "body": '{"metadata": {"from": "page"}}'}


class Blank(BaseHTTPRequestHandler):
    """An empty page at every address."""

    def do_GET(self) -> None:
        """Answer."""
        body = b"<!DOCTYPE html><link rel=icon href=data:,><title>Somewhere else</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def blank_pages() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Blank)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    serving.join()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[int]:
    """The port of a site that is not ours."""
    with blank_pages() as port:
        yield port


@pytest.fixture(scope="module")
def embedded(elsewhere: int) -> Iterator[local.LocalServer]:
    running = local.start(private=True, allow_origin=f"http://studio.test:{elsewhere}")
    yield running
    local.stop(running)


@pytest.fixture(scope="module")
def own_browser(browser: Browser, browser_type: BrowserType) -> Iterator[Browser]:
    """A browser for which every name of `.test` is this machine."""
    flags = [*FLAGS, "--host-resolver-rules=MAP *.test 127.0.0.1"]
    own = browser_type.launch(executable_path=CHROMIUM, args=flags)
    yield own
    own.close()


@pytest.fixture
def page(own_browser: Browser) -> Iterator[Page]:
    context = own_browser.new_context()
    yield context.new_page()
    context.close()


def threads_of(server: local.LocalServer) -> int:
    with get_sync_client(url=server.url, api_key=None) as sdk:
        return sdk.threads.count()


def attempts(page: Page, url: str) -> dict[str, Any]:
    """What the page gets by each way that a page has."""
    socket = "ws://" + url.removeprefix("http://")
    read: dict[str, Any] = {"method": "POST", "headers": {"content-type": "application/json"}, "body": "{}"}
    return {
        "read": page.evaluate(FETCH, [f"{url}/info", {}]),
        "search": page.evaluate(FETCH, [f"{url}/threads/search", read]),
        "write": page.evaluate(FETCH, [f"{url}/threads", NEW_THREAD]),
        "blind": page.evaluate(FETCH, [f"{url}/threads", {**NEW_THREAD, "mode": "no-cors"}]),
        "delete": page.evaluate(FETCH, [f"{url}/store/items", {"method": "DELETE", "body": "{}"}]),
        "socket": page.evaluate(SOCKET, f"{socket}{EVENTS}"),
    }


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1", "localhost"])
def test_a_page_of_another_origin_reads_and_changes_nothing(
    host: str, page: Page, embedded: local.LocalServer, elsewhere: int
) -> None:
    """`evil.test` is another site; another port of this machine is the same site, and another origin."""
    before = threads_of(embedded)
    page.goto(f"http://{host}:{elsewhere}/")
    got = attempts(page, embedded.url)
    assert got.pop("blind")[:1] in (["opaque"], ["failed"])
    assert got.pop("socket") == "failed"
    assert {way: answer[:2] for way, answer in got.items()} == {key: ["failed", 0] for key in got}
    with page.expect_navigation() as navigated:
        page.evaluate(FORM, f"{embedded.url}/threads")
    assert navigated.value.status == 403
    assert threads_of(embedded) == before


def test_a_name_that_resolves_to_this_machine_is_not_answered(page: Page, embedded: local.LocalServer) -> None:
    """The page is then of the same origin as what it asks: only the name gives it away."""
    before = threads_of(embedded)
    url = f"http://rebound.test:{urlsplit(embedded.url).port}"
    answer = page.goto(f"{url}/ok")
    assert answer is not None
    assert answer.status == 403
    got = attempts(page, url)
    assert got.pop("socket") == "failed"
    assert {way: answer[1] for way, answer in got.items()} == dict.fromkeys(got, 403)
    assert threads_of(embedded) == before


def test_the_documentation_opens_by_the_address_bar_and_by_a_link(
    page: Page, embedded: local.LocalServer, elsewhere: int
) -> None:
    page.route("**/*", lambda route: route.continue_() if _is_here(route.request.url) else route.abort())
    for begin in (None, f"http://evil.test:{elsewhere}/"):
        if begin is None:
            answer = page.goto(f"{embedded.url}/docs", wait_until="commit")
        else:
            page.goto(begin)
            with page.expect_navigation(wait_until="commit") as navigated:
                page.evaluate(LINK, f"{embedded.url}/docs")
            answer = navigated.value
        assert answer is not None
        assert answer.status == 200
        spec = page.evaluate(FETCH, [f"{embedded.url}/openapi.json", {}])
        assert spec[1] == 200  # the page reads its own server
        tried = page.evaluate(FETCH, [f"{embedded.url}/threads/search", {"method": "POST", "body": "{}"}])
        assert tried[1] == 200
    page.goto(f"http://evil.test:{elsewhere}/")
    with page.expect_navigation() as navigated:
        page.evaluate(LINK, f"{embedded.url}/info")
    assert navigated.value.status == 403
    page.goto(f"http://evil.test:{elsewhere}/")
    page.evaluate(
        "url => { const f = document.createElement('iframe'); f.src = url; document.body.append(f); }",
        f"{embedded.url}/docs",
    )
    expect(page.frame_locator("iframe").locator("body")).to_contain_text("may not use this server")


def test_a_page_that_was_named_may_use_the_server(page: Page, embedded: local.LocalServer, elsewhere: int) -> None:
    """As Studio does: with preflights, headers of its own, a stream and a websocket."""
    page.goto(f"http://studio.test:{elsewhere}/")
    json_type = {"content-type": "application/json", "x-auth-scheme": "langsmith"}
    made = page.evaluate(FETCH, [f"{embedded.url}/threads", {"method": "POST", "headers": json_type, "body": "{}"}])
    assert made[:2] == ["cors", 200]
    body = '{"assistant_id": "agent", "input": {"messages": [{"role": "user", "content": "hello"}]}, "stream_mode": ["values"]}'
    streamed = page.evaluate(
        FETCH, [f"{embedded.url}/runs/stream", {"method": "POST", "headers": json_type, "body": body}]
    )
    assert streamed[:2] == ["cors", 200]
    assert "event: values" in streamed[2]
    assert page.evaluate(SOCKET, f"ws://{urlsplit(embedded.url).netloc}{EVENTS}") == "open"


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "127.0.0.1" or host.endswith(".test")
