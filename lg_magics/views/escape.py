"""The one file that escapes: text becomes HTML here and nowhere else. Knows HTML and nothing of what is shown.

>>> element("p", "a < b", class_="x")
'<p class="x">a &lt; b</p>'
"""

from __future__ import annotations

from html import escape

__all__ = ["NO_MATH", "Html", "element", "fragment", "text"]

NO_MATH = "mathjax_ignore tex2jax_ignore"
"""Classes: JupyterLab sets $…$ in saved HTML as mathematics, and prices are none."""
_VOID = frozenset({"br", "hr"})


class Html(str):
    """Text that is HTML already: made by this file, or a constant of ours."""

    __slots__ = ()


def text(value: str) -> Html:
    """Untrusted text as HTML. What UTF-8 cannot say, and NUL, become a question mark and nothing."""
    if isinstance(value, Html):
        return value
    return Html(escape(value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")))


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
    said = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{text(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Html(f"<{tag}{said}>")
    return Html(f"<{tag}{said}>{fragment(*children)}</{tag}>")
