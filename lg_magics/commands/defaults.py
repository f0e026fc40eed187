"""What every run of the session takes with it: configurable values, context, metadata, headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from lg_magics.grammar.parameters import KeyValues
from lg_magics.grammar.registry import command
from lg_magics.model.secrets import without_secrets
from lg_magics.server.deployment import headers_from
from lg_magics.session import Defaults, Session
from lg_magics.tables.facts import Facts

__all__ = ["set_defaults"]


@command("set", group="Deployment")
def set_defaults(
    session: Session,
    *,
    context: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    metadata: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    header: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    card: Literal["rows", "compact"] | None = None,
    clear: bool = False,
    **values: Annotated[object, KeyValues(value="K=V")],
) -> Facts:
    """Set defaults for every run of this session: configurable values, and context, metadata, headers.

    Args:
        context: A value of the context, K=V; may be repeated.
        metadata: Metadata for each run, K=V.
        header: A header for each run, K=V; its value is shown nowhere.
        card: How cards show a run's steps from the next run on: a row each, or a line of them.
        clear: Begin with none.
        values: Configurable values, as user_id=Test; n:=3 is a number. An empty one, user_id=, is taken away.

    Returns:
        The defaults now in force.

    Example:
        %lg_set user_id=Test todo_category=general
    """
    before = Defaults() if clear else session.selection.defaults
    defaults = Defaults(
        _updated(before.configurable, values),
        _updated(before.context, context),
        _updated(before.metadata, metadata),
        headers_from(_updated(before.headers, header)),
    )
    if card is not None or clear:
        session.select(card=card or "rows")
    session.select(defaults=defaults)
    kinds = {"configurable": defaults.configurable, "context": defaults.context, "metadata": defaults.metadata}
    facts = [(name, without_secrets(pairs)) for name, pairs in kinds.items()]
    shown = [(name, ", ".join(f"{key}={value}" for key, value in pairs.items())) for name, pairs in facts if pairs]
    if defaults.headers:
        shown.append(("headers", ", ".join(defaults.headers)))
    if session.selection.card != "rows":
        shown.append(("card", session.selection.card))
    return Facts("Defaults for every run" if shown else "No defaults.", tuple(shown), data=dict(facts))


def _updated(before: Mapping[str, Any], changes: Mapping[str, object] | None) -> dict[str, Any]:
    merged = {**before, **(changes or {})}
    return {key: value for key, value in merged.items() if value != ""}
