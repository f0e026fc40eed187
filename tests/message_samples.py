"""Messages in the shapes of vendors, recorded and made up, and the texts that a person must find in them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

SHAPES: dict[str, dict[str, Any]] = {
    case["name"]: case["message"]
    for case in json.loads((Path(__file__).parent / "text_fixtures/message_shapes.json").read_text("utf-8"))["cases"]
}
"""22 messages as vendors make them; MARK stands where a person must be able to read it."""

TYPES = """
text output_text refusal thinking reasoning reasoning_content tool_use tool_call function_call custom_tool_call server_tool_use
invalid_tool_call tool_result mcp_call image image_url file document input_audio from_the_future
"""
KEYS = """
text value annotations refusal thinking reasoning summary reasoning_content name args arguments input partial_json function output
content source url image_url file file_id filename mime_type title tool_use_id id call_id error status is_error signature x index
"""
MESSAGE_KEYS = """
additional_kwargs response_metadata tool_calls invalid_tool_calls function_call refusal reasoning reasoning_content name id
tool_call_id artifact status usage_metadata from_the_future
"""
LEAF = "leaf"
NOT_READ = ("type", "role", "data", "file_data")
"""Keys whose values are words of the format, or bytes."""


def _mappings(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda kind, held: {**kind, **held},
        st.just({}) | st.builds(lambda kind: {"type": kind}, st.sampled_from(TYPES.split())),
        st.dictionaries(st.sampled_from(KEYS.split()), values, max_size=4),
    )


_VALUES = st.recursive(
    st.just(LEAF) | st.sampled_from([None, 0, 3, True, ""]),
    lambda inner: st.lists(inner, max_size=3) | _mappings(inner),
    max_leaves=12,
)
_MESSAGES = st.builds(
    lambda kind, content, held: {**kind, "content": content, **held},
    st.sampled_from(
        [{"type": "human"}, {"type": "ai"}, {"type": "tool"}, {"role": "assistant"}, {"type": "AIMessageChunk"}]
    ),
    _VALUES | st.lists(_mappings(_VALUES), max_size=3),
    st.dictionaries(
        st.sampled_from(MESSAGE_KEYS.split()), _VALUES | st.lists(_mappings(_VALUES), max_size=2), max_size=4
    ),
)


def _numbered(value: Any, numbers: Iterator[int]) -> Any:
    if isinstance(value, Mapping):
        return {key: _numbered(held, numbers) for key, held in value.items()}
    if isinstance(value, list):
        return [_numbered(held, numbers) for held in value]
    return f'leaf <{next(numbers)}> "&' if value == LEAF else value


MORE_SHAPES: list[dict[str, Any]] = [
    {
        "type": "human",
        "content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA"}}],
    },
    {"type": "human", "content": [{"type": "image_url", "image_url": {"url": "https://x", "detail": "high"}}]},
    {"type": "human", "content": [{"type": "document", "source": {"type": "text", "data": "a b"}, "title": "t"}]},
    {"type": "ai", "content": [{"type": "text", "text": {"value": "a", "annotations": []}}]},
    {
        "type": "ai",
        "content": "",
        "additional_kwargs": {"reasoning": {"summary": [{"type": "summary_text", "text": "a"}]}},
    },
    {"type": "ai", "content": [{"type": "tool_use", "name": "f", "id": "1", "input": {}, "partial_json": "{"}]},
    {"type": "tool", "content": [{"type": "json", "json": {"a": 1}}], "tool_call_id": "1", "name": "n"},
]


def _mappings_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for held in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _mappings_in(held)


def _with_more(shape: dict[str, Any], place: int, key: str) -> dict[str, Any]:
    """A shape with a text more in one of its mappings, under a key that it may have already."""
    copy: dict[str, Any] = json.loads(json.dumps(shape))
    found = list(_mappings_in(copy))
    found[place % len(found)].setdefault(key, LEAF)
    return copy


_SHAPES = st.builds(
    _with_more, st.sampled_from([*SHAPES.values(), *MORE_SHAPES]), st.integers(0, 9), st.sampled_from(KEYS.split())
)

messages = (_MESSAGES | _SHAPES).map(lambda value: _numbered(value, itertools.count()))
"""Messages of any shape, and those of vendors with something more; each text is there once, with what JSON and HTML escape."""


def text_leaves(value: object) -> Iterator[str]:
    """Each text of a JSON value, without words of the format."""
    if isinstance(value, Mapping):
        for key, held in value.items():
            if key not in NOT_READ:
                yield from text_leaves(held)
    elif isinstance(value, list):
        for held in value:
            yield from text_leaves(held)
    elif isinstance(value, str) and value.startswith("{") and value.endswith("}"):
        yield from text_leaves(json.loads(value))  # arguments
    elif isinstance(value, str) and value:
        yield value
