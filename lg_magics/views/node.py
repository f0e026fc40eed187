"""A view as a tree of nodes, and the only code that turns text into HTML. Depends only on the allow-list.

A node is `[tag, {attributes}, child, …]`, a child is a node or a string. `allowed.json` lists the tags and attributes; the page
reads the same file (labextension/runtime/allowed.ts). A saved tree is as untrusted as any file, so `html` takes any JSON: it
drops what is not on the list, turns an unknown tag into a plain span, and keeps text as text.

>>> html(node("p", "a < b", class_="lg-note"))
'<p class="lg-note mathjax_ignore tex2jax_ignore">a &lt; b</p>'
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TypeAlias

from lg_magics.model.visible_text import breakable, visible_text

__all__ = [
    "TOO_LARGE",
    "Children",
    "Node",
    "attributes_of",
    "children_of",
    "fits",
    "html",
    "is_node",
    "node",
    "nodes_in",
    "spaced",
    "text_in",
    "typed_text",
]

Node: TypeAlias = "list[str | dict[str, str] | Node]"
"""[tag, {attributes}, child, …]; each child is a string or a node."""

Children: TypeAlias = "Node | str | Iterable[Children] | None"
"""What `node` accepts as children: nodes, strings, and lists of both; None and "" are left out."""

TOO_LARGE = "too large to show"
NO_MATH = "mathjax_ignore tex2jax_ignore"
"""Classes of the outermost element: JupyterLab renders $…$ in saved HTML as mathematics, and prices are not."""

_ALLOWED = json.loads((Path(__file__).parent / "allowed.json").read_text("utf-8"))
_LIMITS: Mapping[str, int] = _ALLOWED["limits"]
_TAGS = frozenset(f"{_ALLOWED['tags']} {_ALLOWED['svg']}".split())
_VOID = frozenset(_ALLOWED["void"].split())
_CONTROLS = frozenset(_ALLOWED["controls"].split())
_KINDS: Mapping[str, str] = {name: kind for kind, names in _ALLOWED["attributes"].items() for name in names.split()}
_WORDS: Mapping[str, Sequence[str]] = {name: words.split() for name, words in _ALLOWED["words"].items()}
_RANGES: Mapping[str, Sequence[int]] = _ALLOWED["ranges"]

_CLASS = re.compile(r"lg-[a-z0-9-]+")
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,9})?\Z", re.ASCII)
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "link": re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE),
    "number": _NUMBER,
    "boolean": re.compile(r"(?:true|false)\Z"),
    "shape": re.compile(r"[\w\s.,()+-]{1,20000}\Z", re.ASCII),
}
_READ = frozenset(_ALLOWED["attributes"]["read"].split())
"""Attributes whose text people read. Texts to copy or to edit stay exact."""
_UNBROKEN = frozenset({"text", "title", "tspan"})
"""SVG elements that hold text and no element."""
_NEEDS_PAGE = frozenset({"data-shows", "data-lazy"})
"""Attributes of parts that are shown by a choice, or requested; left out of saved HTML."""
_PAGE_ONLY = frozenset(
    {
        "key",
        "hidden",
        "value",
        "required",
        "aria-pressed",
        "aria-selected",
        "aria-expanded",
        "aria-busy",
        "aria-disabled",
    }
)
"""Attributes that need the page's script; `data-…` is left out too."""


def node(tag: str, *children: Children, key: str = "", **attributes: str | float | bool | None) -> Node:
    """Make a node of a view.

    Args:
        tag: A tag of the allow-list.
        children: Nodes and strings, in any nesting; neighbouring strings become one.
        key: Its identity among its siblings. Items of lists need keys, and so does each element whose state the page keeps.
        attributes: `class_` is class, `data_act` is data-act; True is an empty value; None, False and "" omit the attribute.
    """
    kept = {"key": key} if key else {}
    for name, value in attributes.items():
        if value is not None and value is not False and value != "":
            word = name.rstrip("_").replace("_", "-")
            text = "" if value is True else str(value)
            kept[word] = visible_text(text) if word in _READ else typed_text(text) if word == "value" else text
    return [tag, kept, *_flat(children)]


def typed_text(text: str) -> str:
    """Return a text as the text box of a page holds it: with line feeds alone."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _flat(children: Iterable[Children]) -> list[str | dict[str, str] | Node]:
    found: list[str | dict[str, str] | Node] = []
    for child in _each(children):
        if isinstance(child, str) and found and isinstance(found[-1], str):
            found[-1] += child
        else:
            found.append(child)
    return found


def _each(children: Iterable[Children]) -> Iterator[str | Node]:
    for child in children:
        if isinstance(child, str):
            yield from shown(child)
        elif is_node(child):
            yield child  # type: ignore[misc]
        elif child is not None:
            yield from _each(child)


def shown(text: str) -> Iterator[str | Node]:
    """Yield text as a view shows it: every character visible, with a possible line break every 500 letters."""
    for place, piece in enumerate(breakable(visible_text(text)) if text else ()):
        if place:
            yield ["wbr", {}]
        yield piece


def spaced(*children: Children, between: str = " ") -> list[str | Node]:
    """Put a space between children, so that they are separate words where there is no style."""
    parts = list(_each(children))
    return [each for part in parts for each in (between, part)][1:]


def is_node(value: object) -> bool:
    """Return whether a value is a node, and not a list of children."""
    return isinstance(value, list) and len(value) > 1 and isinstance(value[0], str) and isinstance(value[1], dict)


def attributes_of(value: Node) -> dict[str, str]:
    """Return a node's attributes."""
    attributes = value[1]
    return attributes if isinstance(attributes, dict) else {}


def children_of(value: Node) -> list[str | Node]:
    """Return a node's children."""
    return [child for child in value[2:] if not isinstance(child, dict)]


def nodes_in(value: object) -> Iterator[Node]:
    """Yield a tree's nodes, each before those inside it."""
    if is_node(value):
        yield value  # type: ignore[misc]
        for child in value[2:]:  # type: ignore[index]
            yield from nodes_in(child)


def text_in(value: object) -> str:
    """Return all text of a tree, in order."""
    if isinstance(value, str):
        return value
    return "".join(text_in(child) for child in value[2:]) if is_node(value) else ""  # type: ignore[index]


# -- limits -----------------------------------------------------------------------------------------------------


def fits(tree: object, *, is_still: bool = False) -> bool:
    """Return whether a tree respects the limits of depth, nodes and text. Takes any JSON, and stops at the first violation.

    With `is_still`, it does not count what `html` leaves out.
    """
    nodes = text = 0
    todo: list[tuple[object, int]] = [(tree, 1)]
    while todo:
        value, depth = todo.pop()
        if isinstance(value, str):
            text += len(value)
        elif isinstance(value, list):
            attributes = value[1] if len(value) > 1 and isinstance(value[1], dict) else {}
            if is_still and value and _is_left_out(value[0], attributes):
                continue
            nodes += 1
            text += sum(len(each) for each in attributes.values() if isinstance(each, str))
            if depth > _LIMITS["depth"] or len(value) > _LIMITS["nodes"]:
                return False
            todo += [(child, depth + 1) for child in value[1:]]
        if nodes > _LIMITS["nodes"] or text > _LIMITS["text"]:
            return False
    return True


# -- HTML -------------------------------------------------------------------------------------------------------


def html(tree: object) -> str:
    """Return a tree as HTML that needs no script. Takes any JSON.

    Leaves out buttons, fields, and nodes marked `data-static="no"`; a button marked `data-static="text"` stays as text.
    """
    if not fits(tree, is_still=True):
        tree = node("div", TOO_LARGE, class_="lg-note")
    pieces: list[str] = []
    _write(tree, pieces, is_root=True)
    return "".join(pieces)


def _is_left_out(tag: object, attributes: Mapping[object, object]) -> bool:
    static = attributes.get("data-static")
    is_control = isinstance(tag, str) and tag in _CONTROLS
    return static == "no" or not _NEEDS_PAGE.isdisjoint(attributes) or (is_control and static != "text")


def _write(value: object, pieces: list[str], *, parent: str = "", is_root: bool = False) -> None:
    if isinstance(value, str):
        parts = [visible_text(value)] if parent in _UNBROKEN else breakable(visible_text(value))
        pieces.append("<wbr>".join(map(escape, parts)))
        return
    if not isinstance(value, list) or not value:
        return
    attributes = value[1] if len(value) > 1 and isinstance(value[1], dict) else {}
    tag = value[0] if isinstance(value[0], str) and value[0] in _TAGS else "span"
    if _is_left_out(tag, attributes):
        return
    if tag in _CONTROLS:
        tag, attributes = "code", {name: held for name, held in attributes.items() if name in ("class", "title")}
    kept = _attributes(tag, attributes)
    if is_root:
        kept["class"] = f"{kept.get('class', '')} {NO_MATH}".strip()
    pieces.append("".join((f"<{tag}", *(f' {name}="{_escaped(name, each)}"' for name, each in kept.items()), ">")))
    if tag not in _VOID:
        for child in value[1:]:
            _write(child, pieces, parent=tag)
        pieces.append(f"</{tag}>")


def _attributes(tag: str, attributes: Mapping[object, object]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in attributes.items():
        if not isinstance(name, str) or name in _PAGE_ONLY or name.startswith("data-"):
            continue
        if (allowed := _allowed(name, value)) is not None:
            kept[name] = allowed
    if "href" in kept:
        if tag == "a":
            kept |= {"target": "_blank", "rel": "noopener noreferrer"}
        else:
            del kept["href"]
    places = [(letter, _allowed(f"data-{letter}", attributes.get(f"data-{letter}"))) for letter in "aw"]
    if any(place for _, place in places):
        kept["style"] = ";".join(f"--{letter}:{place}%" for letter, place in places if place)
    if tag == "pre" and "tabindex" not in kept:
        kept["tabindex"] = "0"  # it may scroll; so a keyboard can reach it
    return kept


def _allowed(name: str, value: object) -> str | None:
    """Return an attribute's value if it is allowed; else None."""
    if not isinstance(value, str):
        return None
    if name in _WORDS:
        return value if value in _WORDS[name] else None
    if name in _RANGES:
        return _clamped(value, *_RANGES[name])
    kind = _KINDS.get(name)
    if kind in ("text", "read"):
        return value
    if kind == "flag":
        return ""
    if kind == "classes":
        return " ".join(word for word in value.split(" ") if _CLASS.fullmatch(word)) or None
    pattern = _PATTERNS.get(kind or "")
    return value if pattern and pattern.match(value) else None


def _clamped(value: str, least: int, most: int) -> str | None:
    if not _NUMBER.match(value):
        return None
    number = min(max(float(value), least), most)
    return str(int(number)) if math.floor(number) == number else str(round(number, 3))


def _escaped(name: str, value: str) -> str:
    """Escape an attribute's value. People read attributes too, except an address, which stays exact."""
    is_exact = name in ("href", "style", "class")
    return escape(
        value.encode("utf-8", "replace").decode("utf-8").replace("\0", "") if is_exact else visible_text(value)
    )
