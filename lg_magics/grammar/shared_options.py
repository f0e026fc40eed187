"""Lets a command take the options of another, which are declared once. Depends on signatures; on no line and no session.

    @command("stream", group="Runs", options_of=run, without=("card",))
    def stream(session: Session, text: …, *, mode: … = None, **launching: Any) -> Run: ...

The other command's options replace `**launching`, with their types, defaults and help. New ones are included automatically.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping

from lg_magics.grammar.parameters import evaluated

__all__ = ["borrow_options"]


def borrow_options(
    function: Callable[..., object], lender: Callable[..., object], without: Collection[str], help: Mapping[str, str]
) -> Mapping[str, str]:
    """Add the lender's keyword-only parameters to the signature of `function`, except those in `without` and its own.

    Returns:
        The help of the added parameters, from the lender's `help`.
    """
    signature = inspect.signature(function)
    own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
    taken = {each.name for each in own} | set(without)
    borrowed = [
        each.replace(annotation=evaluated(lender, each.annotation))
        for each in inspect.signature(lender).parameters.values()
        if each.kind is each.KEYWORD_ONLY and each.name not in taken
    ]
    vars(function)["__signature__"] = signature.replace(parameters=[*own, *borrowed])
    return {each.name: help[each.name] for each in borrowed if each.name in help}
