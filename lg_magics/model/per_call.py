"""A function of an object that is replaced for one call, on the call's own thread. Pure; uses contexts."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Generic, ParamSpec

__all__ = ["PerCall"]

P = ParamSpec("P")


class PerCall(Generic[P]):
    """An attribute that holds a function. A value of `of_call` takes precedence inside the context that sets it."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_{name}"
        self.of_call: ContextVar[Callable[P, None] | None] = ContextVar(f"lg_magics_{name}", default=None)

    def __get__(self, holder: Any, owner: type) -> Callable[P, None]:
        function: Callable[P, None] = self.of_call.get() or holder.__dict__[self._name]
        return function

    def __set__(self, holder: Any, function: Callable[P, None]) -> None:
        holder.__dict__[self._name] = function
