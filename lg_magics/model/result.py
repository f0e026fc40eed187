"""The base class of objects that commands return and entry points show. Holds nothing."""

from __future__ import annotations

from functools import wraps
from typing import Any

from lg_magics.model.visible_text import visible_line

__all__ = ["Result"]


class Result:
    """Base of every object that a magic, or a cell's last expression, shows in this package's format.

    The `repr` of a subclass is one line, and passes through `visible_line`, since it contains names from a server and Python
    prints it unchanged.
    """

    __slots__ = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__repr__" not in vars(cls):
            return
        shown = cls.__repr__

        @wraps(shown)
        def visible_repr(self: Any) -> str:
            return visible_line(shown(self))

        cls.__repr__ = visible_repr  # type: ignore[method-assign]
