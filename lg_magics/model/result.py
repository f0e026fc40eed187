"""The mark of what a command returns and an entry point shows. Holds nothing."""

from __future__ import annotations

from functools import wraps
from typing import Any

from lg_magics.model.visible_text import visible_text

__all__ = ["Result"]


class Result:
    """Base of every object that a magic, or a cell's last expression, shows in our own way.

    The `repr` of a subclass goes through `visible_text`: it holds names from a server, and Python prints it as it is.
    """

    __slots__ = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__repr__" not in vars(cls):
            return
        shown = cls.__repr__

        @wraps(shown)
        def visible_repr(self: Any) -> str:
            return visible_text(shown(self))

        cls.__repr__ = visible_repr  # type: ignore[method-assign]
