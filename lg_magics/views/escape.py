"""The one file that escapes: text becomes HTML here and nowhere else. Knows HTML and nothing of what is shown.

>>> element("p", "a < b", class_="x")
'<p class="x">a &lt; b</p>'
"""

from __future__ import annotations

from html import escape

from lg_magics.model.visible_text import breakable, visible_text

__all__ = ["NO_MATH", "Html", "element", "fragment", "text"]

NO_MATH = "mathjax_ignore tex2jax_ignore"
"""Classes: JupyterLab sets $…$ in saved HTML as mathematics, and prices are none."""
LONGEST_ATTRIBUTE = 1_000  # characters
_VOID = frozenset({"br", "hr"})
_SVG_TEXT = frozenset({"text", "title"})
"""Elements that hold text and no element."""


class Html(str):
    """Text that is HTML already: made by this file, or a constant of ours."""

    __slots__ = ()


def text(value: str) -> Html:
    """Untrusted text as HTML, with every character visible and a place to break a line in every 500 letters."""
    if isinstance(value, Html):
        return value
    return Html("<wbr>".join(map(escape, breakable(visible_text(value)))))


def fragment(*children: str, between: str = "") -> Html:
    """Children side by side; a plain string is escaped, '' is left out."""
    return Html(between.join(text(child) for child in children if child))


def element(tag: str, *children: str, **attributes: str | None) -> Html:
    """An element. Attributes are escaped; `class_` is class, `data_x` is data-x; None leaves one out.

    Args:
        tag: A name of ours, never one that came from outside.
        children: Html as it is, plain strings escaped.
        attributes: Names of ours, values from anywhere.
    """
    said = "".join(_attribute(name, value) for name, value in attributes.items() if value is not None)
    if tag in _VOID:
        return Html(f"<{tag}{said}>")
    if tag in _SVG_TEXT:
        children = tuple(each if isinstance(each, Html) else Html(escape(visible_text(each))) for each in children)
    return Html(f"<{tag}{said}>{fragment(*children)}</{tag}>")


def _attribute(name: str, value: str) -> str:
    """An attribute: its beginning where people read it; an address is followed as it is."""
    if name == "href":
        shown = value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    else:
        shown = visible_text(value if len(value) <= LONGEST_ATTRIBUTE else f"{value[:LONGEST_ATTRIBUTE]}…")
    return f' {name.rstrip("_").replace("_", "-")}="{escape(shown)}"'
