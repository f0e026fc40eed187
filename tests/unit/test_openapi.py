"""What a deployment takes is read from its OpenAPI document; what is not known is tried, and what was refused is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.server.capabilities import CREATE_RUN, LIST_RUNS, SEARCH_THREADS, Capabilities

MODES = {"type": "string", "enum": ["values", "updates"]}
JSON = {"application/json": {"schema": {"$ref": "#/components/schemas/Search"}}}
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/threads/search": {"post": {"requestBody": {"content": JSON}}},
        "/threads/{thread_id}/runs": {
            "get": {"parameters": [{"name": "limit", "schema": {"type": "integer"}}, {"name": "status"}]},
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Run"}}}}
            },
        },
    },
    "components": {
        "schemas": {
            "Search": {
                "properties": {
                    "limit": {"anyOf": [{"type": "integer", "maximum": 100.0}, {"type": "null"}]},
                    "metadata": {"type": "object"},
                }
            },
            "Run": {
                "properties": {
                    "stream_mode": {"anyOf": [{"items": MODES, "type": "array"}, MODES]},
                    "durability": {"type": "string"},
                }
            },
        }
    },
}


def test_the_fields_and_limits_of_a_call_are_read() -> None:
    known = Capabilities(DOCUMENT)
    assert (known.takes(SEARCH_THREADS, "metadata"), known.takes(SEARCH_THREADS, "ids")) == (True, False)
    assert (known.takes(LIST_RUNS, "status"), known.takes(LIST_RUNS, "select")) == (True, False)
    assert (known.most(SEARCH_THREADS), known.most(LIST_RUNS)) == (100, 1000)
    assert known.words(CREATE_RUN, "stream_mode") == frozenset({"values", "updates"})
    assert known.words(CREATE_RUN, "durability") is None


@pytest.mark.parametrize("document", [None, {}, {"paths": []}, {"paths": {"/threads/search": {"post": 3}}}, []])
def test_what_is_not_known_is_tried(document: Any) -> None:
    known = Capabilities(document)
    assert known.takes(SEARCH_THREADS, "ids")
    assert known.most(SEARCH_THREADS) == 1000
    assert known.words(CREATE_RUN, "stream_mode") is None
    assert known.newly_ignored(CREATE_RUN, {"multitask_strategy": "reject"}) == []


def test_what_takes_any_field_is_not_known() -> None:
    document = {"components": {"schemas": {"Search": {"properties": {}, "additionalProperties": True}}}}
    assert Capabilities({**DOCUMENT, **document}).takes(SEARCH_THREADS, "ids")


def test_what_was_refused_is_not_taken_any_more() -> None:
    known = Capabilities()
    known.refuse(SEARCH_THREADS, "select", "extract")
    assert (known.takes(SEARCH_THREADS, "select"), known.takes(SEARCH_THREADS, "ids")) == (False, True)


def test_an_option_that_is_ignored_is_reported_once() -> None:
    known = Capabilities(DOCUMENT)
    sent = {"multitask_strategy": "reject", "durability": "sync", "after_seconds": 0, "webhook": "https://x"}
    assert known.newly_ignored(CREATE_RUN, sent) == ["--multitask", "--webhook"]
    assert known.newly_ignored(CREATE_RUN, sent) == []
    assert list(known.ignored) == ["--multitask", "--webhook"]


def test_a_reference_to_itself_comes_to_an_end() -> None:
    loop = {"components": {"schemas": {"Search": {"$ref": "#/components/schemas/Search"}}}}
    assert Capabilities({**DOCUMENT, **loop}).takes(SEARCH_THREADS, "ids")


ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.just("#/components/schemas/Search"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["properties", "anyOf", "$ref", "items", "enum", "limit", "stream_mode", "maximum", "schema", "name"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(ANY, ANY, ANY)
def test_no_document_breaks_it(search: Any, run: Any, parameters: Any) -> None:
    document = {
        "paths": {
            "/threads/search": {"post": {"requestBody": {"content": JSON}}},
            "/threads/{id}/runs": {
                "get": {"parameters": parameters},
                "post": {"requestBody": {"content": {"application/json": {"schema": run}}}},
            },
        },
        "components": {"schemas": {"Search": search}},
    }
    known = Capabilities(document)
    for call in (SEARCH_THREADS, CREATE_RUN, LIST_RUNS):
        assert known.most(call) >= 1
        known.takes(call, "limit")
        known.words(call, "stream_mode")
        known.newly_ignored(call, {"webhook": "x"})
