"""Whatever comes from a server, a page, a file or a line: no exception but ours."""

from __future__ import annotations

import contextlib
import math
import string
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from json_values import values
from later_states import apply

from lg_magics.errors import LgError
from lg_magics.grammar.catalogue import CATALOGUE
from lg_magics.grammar.lookup import command_named
from lg_magics.grammar.read import call_from_line
from lg_magics.live.protocol import id_of, request_from
from lg_magics.local.access import Access, origin_from
from lg_magics.local.peer import Peer
from lg_magics.model.changes import changes
from lg_magics.model.events import events_from_part
from lg_magics.model.long_text import with_long_texts
from lg_magics.model.namespaces import namespace_from, shown_namespace
from lg_magics.model.packed import Packed, Packer
from lg_magics.model.records import AssistantRecord, CronRecord, RunRecord, StateRecord, ThreadRecord, UnexpectedShape
from lg_magics.model.references import Known, resolve
from lg_magics.model.run_view import RunView, fold, settle
from lg_magics.server.settings import read_settings

MODES = (
    "metadata",
    "tasks",
    "updates",
    "messages",
    "values",
    "custom",
    "error",
    "checkpoints",
    "end",
    "tasks|sub:1",
    "",
)
# What servers send, and what is a little like it.
ids = st.sampled_from(["1", "a-b", "", "01a22587-d632-76fa-9f43-d2235b393a9f"])
near_tasks = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("id", "name", "input", "triggers", "error", "result", "interrupts", "path"), values)
)
near_messages = st.lists(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(("id", "type", "content", "tool_calls", "usage_metadata", "langgraph_node"), values),
    )
    | values,
    max_size=3,
)
payloads = values | near_tasks | near_messages
anything = values | st.binary(max_size=4) | st.just(math.nan) | st.tuples(st.integers())


@given(st.lists(st.tuples(st.sampled_from(MODES), payloads, ids | st.none()), max_size=6))
def test_any_stream_is_decoded_and_folded(parts: list[tuple[str, Any, str | None]]) -> None:
    view = RunView()
    for mode, data, event_id in parts:
        for event in events_from_part(mode, data, event_id):
            view = fold(view, event)
    repr(settle(view, "success"))


@given(anything)
def test_any_row_is_a_record_or_of_another_shape(payload: object) -> None:
    for kind in (AssistantRecord, CronRecord, RunRecord, StateRecord, ThreadRecord):
        with contextlib.suppress(UnexpectedShape):
            repr(kind(payload))


@given(st.sampled_from(sorted(CATALOGUE)), st.text(alphabet=string.printable, max_size=40) | st.text(max_size=10))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_line_of_any_command_is_a_call_or_refused(name: str, line: str) -> None:
    with contextlib.suppress(LgError):
        call_from_line(command_named(name), line, None, {"x": [1], "s": "text"})


@given(anything)
def test_any_message_of_a_page_is_a_request_or_refused(data: object) -> None:
    id_of(data)
    with contextlib.suppress(LgError):
        request_from(data)


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("v", "version", "protocol", "id", "do", "request", "arguments", "args", "name"), values
        ),
    )
)
def test_so_is_one_that_is_nearly_right(data: dict[str, Any]) -> None:
    id_of(data)
    with contextlib.suppress(LgError):
        request_from(data)


known = st.lists(st.builds(Known, number=st.from_regex(r"t\d{1,2}", fullmatch=True), id=ids), max_size=4)


@given(st.text(max_size=12) | st.sampled_from(["last", "last~2", "last~99999999999", "t1", "01a2", "·f"]), known)
def test_any_reference_is_found_or_refused(text: str, things: list[Known]) -> None:
    with contextlib.suppress(LgError):
        assert resolve(text, things, kind="thread", listed_by="%lg_threads") in things


@given(anything | st.text() | st.lists(st.text()))
def test_any_namespace_is_one_or_refused(given: object) -> None:
    with contextlib.suppress(LgError):
        shown_namespace(namespace_from(given))


@given(values, values)
def test_any_two_states_have_a_difference(before: Any, after: Any) -> None:
    assert apply(before, changes(before, after)) == after
    with_long_texts(before)


@given(st.dictionaries(st.text(), values, max_size=4))
def test_a_packed_row_is_what_it_was(row: dict[str, Any]) -> None:
    packer = Packer()
    packed = packer.packed(Packed, row), packer.packed(Packed, {**row, "more": [row]})
    assert [each and each.read() for each in packed] == [row, {**row, "more": [row]}]


@given(
    st.lists(
        st.tuples(st.sampled_from(["host", "origin", "sec-fetch-site", "x-lg-key", "x"]), st.text(max_size=20)),
        max_size=6,
    )
)
def test_any_headers_are_admitted_or_refused(headers: list[tuple[str, str]]) -> None:
    pairs = [(name.encode(), value.encode("utf-8", "surrogatepass")) for name, value in headers]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": pairs, "state": {"lg_magics.peer": Peer.OWN}}
    assert isinstance(Access("key").refusal(scope), str)


@given(st.text(max_size=30))
def test_any_origin_is_one_or_refused(text: str) -> None:
    with contextlib.suppress(LgError):
        assert origin_from(text).startswith("http")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings")


lines = st.sampled_from(
    [
        'default = "prod"',
        "default = 5",
        "[deployments]",
        "[deployments.prod]",
        'url = "http://[::1"',
        'url = "https://a.example"',
        "url = 1",
        "headers = { a = 1 }",
        'headers = "x"',
        "protect = 2",
        'api_key_env = "$x"',
        "[configurable]",
        "a = nan",
    ]
)


@given(text=st.lists(lines, max_size=6).map("\n".join) | st.text(max_size=30))
def test_any_settings_file_is_read_or_refused(folder: Path, text: str) -> None:
    (folder / "lg_magics.toml").write_text(text, "utf-8", errors="replace")
    with contextlib.suppress(LgError):
        found = read_settings(folder)
        for name in found.deployments:
            with contextlib.suppress(LgError):
                found.deployment(name)
