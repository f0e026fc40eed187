"""A view of ours on a page, and what a notebook keeps of it. Knows traits and MIME types; draws nothing, knows no run.

Beside the widget stands the same view as JSON in a type of ours. In JupyterLab that is what is drawn once the widget is gone
with its kernel (labextension/src/renderer.ts); other hosts show the HTML or the text. What the kernel has put into the
notebook at the end is told to the page too: an output whose page was loaded again is not reached by the kernel's update.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import anywidget
import traitlets

__all__ = ["LiveWidget", "mime_type"]


def mime_type(kind: str) -> str:
    """The type of a kind of view: `batch`, `history`. labextension/src/renderer_kinds.ts has them too.

    >>> mime_type("history")
    'application/vnd.lg-magics.history+json'
    """
    return f"application/vnd.lg-magics.{kind}+json"


class LiveWidget(anywidget.AnyWidget):
    """A view that lives on a page. A subclass has a trait for it, which is synced.

    Attributes:
        kind: Which kind of view it is; it names the MIME type.
        view_trait: The name of the trait that holds the view.
        kept: What the notebook is to keep: text/html and text/plain, and in `over` whether that is all; empty while the
            view may change by itself.
    """

    kind: ClassVar[str]
    view_trait: ClassVar[str]
    kept = traitlets.Dict().tag(sync=True)

    def put(self, view: Mapping[str, Any], picture: Mapping[str, str] | None = None, *, is_over: bool = False) -> None:
        """Show a view, in one message to the page.

        Args:
            view: What is to be seen from now on.
            picture: What the notebook is to keep of it, as HTML and text; None while it goes on.
            is_over: The picture is all that is to be kept: the widget is no longer needed.
        """
        with self.hold_sync():
            self.set_trait(self.view_trait, dict(view))
            self.kept = {**picture, "over": is_over} if picture else {}

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The widget, and its view as JSON."""
        bundle, metadata = super()._repr_mimebundle_() or ({}, {})
        return {**bundle, mime_type(self.kind): getattr(self, self.view_trait)}, metadata
