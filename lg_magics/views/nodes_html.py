"""An answer's tree as HTML. Knows the tree and the whitelist; reads no Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lg_magics.views.card import Node
from lg_magics.views.escape import Html, element, fragment
from lg_magics.views.markdown import is_link

__all__ = ["nodes_html"]

_TAGS = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "br", "hr"))
_MORE_TAGS = frozenset(("strong", "em", "s", "table", "thead", "tbody", "tr", "th", "td"))


def nodes_html(nodes: Iterable[Node | dict[str, str]]) -> Html:
    """The nodes as HTML, whitelisted once more: they may come from elsewhere."""
    return fragment(*_nodes(nodes))


def _nodes(nodes: Iterable[Node | dict[str, str]]) -> list[Html]:
    return [_node(node) for node in nodes if not isinstance(node, dict)]


def _node(node: Node) -> Html:
    if isinstance(node, str):
        return fragment(node)
    tag, children = str(node[0]), _nodes(node[1:])
    if tag in _TAGS or tag in _MORE_TAGS:
        return element(tag, *children, tabindex="0" if tag == "pre" else None)
    if tag == "a" and is_link(address := _address(node)):
        return element("a", *children, href=address, target="_blank", rel="noopener noreferrer")
    return fragment(*children)


def _address(node: Sequence[Node | dict[str, str]]) -> str:
    return node[1].get("href", "") if len(node) > 1 and isinstance(node[1], dict) else ""
