"""How far a long command has come: one line that changes, and goes when it is done. Knows hosts; knows no command."""

from __future__ import annotations

import sys
from typing import Any

from lg_magics.ipython.host import Host, host_of
from lg_magics.model.visible_text import visible_line

__all__ = ["Progress"]


class Progress:
    """Call it with a few words to show them, and with "" to take them away. A runner without a person sees nothing."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._handle: Any = None
        self._is_shown = False

    def __call__(self, words: str) -> None:
        """Show `words` in place of the last ones."""
        host = host_of(self._shell)
        if not (words or self._is_shown):
            return
        self._is_shown = bool(words)
        words = visible_line(words)
        if host is Host.PAGE:
            self._on_page(words)
        elif host is Host.TERMINAL:
            print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)

    def _on_page(self, words: str) -> None:
        from IPython.display import display

        bundle = {"text/plain": words}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)
