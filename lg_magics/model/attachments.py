"""Describe an attachment of a message in one line, in every vendor's format. Pure; loads nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lg_magics.model.message_parts import DATA_URL, is_data, leave, size_words

__all__ = ["ATTACHED", "taken_attachment"]

_ATTACHED = "image image_url input_image audio input_audio video video_url file input_file document media"
ATTACHED = frozenset(_ATTACHED.split())
"""The types of blocks that are attachments."""
FACTS: Mapping[str, str] = {
    **dict.fromkeys(("mime_type", "media_type", "format"), "mime"),
    **dict.fromkeys(("data", "base64", "file_data", "image_data"), "data"),
    **dict.fromkeys(("url", "image_url", "video_url", "file_url", "file_uri", "uri"), "url"),
    **dict.fromkeys(("file_id", "image_id"), "file_id"),
    **dict.fromkeys(("filename", "file_name", "name", "title"), "name"),
}
"""The meaning of an attachment's keys."""
INSIDE = ("source", "image_url", "file", "input_audio", "audio", "video", "video_url", "document", "image")


def taken_attachment(kind: str, rest: dict[str, Any]) -> str:
    """Return an attachment in one line, `image/png, 12 kB`, and remove it from `rest`; nothing of it is loaded."""
    facts: dict[str, str] = {}
    _take_facts(rest, facts)
    for key in INSIDE:
        inner = rest.get(key)
        if isinstance(inner, Mapping) and inner.get("type") not in ("text", "content"):
            more = dict(inner)
            _take_facts(more, facts)
            if isinstance(more.get("type"), str):
                del more["type"]
            leave(rest, key, more)
    mime, data, url = facts.get("mime", ""), facts.get("data", ""), facts.get("url", "")
    for given in (data, url):
        if found := DATA_URL.match(given):
            mime, data = mime or found[1], given[found.end() :]
    size = size_words(len(data) * 3 // 4) if data else ""
    words = ", ".join(filter(None, [mime or kind, facts.get("name"), facts.get("file_id"), size]))
    return f"{words} at {url}" if url and not DATA_URL.match(url) else words


def _take_facts(place: dict[str, Any], facts: dict[str, str]) -> None:
    for key, fact in FACTS.items():
        value = place.get(key)
        if isinstance(value, str) and fact not in facts and (fact != "data" or is_data(value)):
            facts[fact] = place.pop(key)
