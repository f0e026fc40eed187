"""A run that is asked for, as the SDK's create call takes it. Pure: what is merged with what, and what cannot go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lg_magics.errors import CommandError, type_phrase

__all__ = ["ALL_NODES", "RunRequest", "checked_mapping", "merged_config"]

ALL_NODES = "*"
WATCHED = {"updates", "messages-tuple", "custom"}
"""The stream modes of a run that is launched with a card."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What `runs.create` is called with.

    `thread_id` is None for a stateless run; `is_kept` keeps the thread that the server makes for one. `after_seconds` is when
    it is to begin, `with_subgraphs` whether its stream tells of subgraphs too. `interrupt_before` and `interrupt_after` are names
    of nodes, or `*` for all; a text is taken for names with commas between them. `tracing` names a LangSmith project and an
    example of a dataset. `note` is a sentence to show on the choice of assistant and thread; it is not sent.
    """

    assistant: str
    thread_id: str | None
    input: Any = None
    config: Mapping[str, Any] = field(default_factory=dict, repr=False)
    context: Mapping[str, Any] = field(default_factory=dict, repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    makes_thread: bool = False
    command: Mapping[str, Any] | None = None
    checkpoint_id: str | None = None
    interrupt_before: Sequence[str] = ()
    interrupt_after: Sequence[str] = ()
    multitask_strategy: str = ""
    after_seconds: int = 0
    webhook: str = ""
    durability: str = ""
    tracing: Mapping[str, str] = field(default_factory=dict)
    is_kept: bool = False
    with_subgraphs: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("interrupt_before", "interrupt_after"):
            object.__setattr__(self, name, _names(getattr(self, name), name))

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes that it is to stop at, or to go to, by name: none if it stops at all of them."""
        goto = (self.command or {}).get("goto")
        named = dict.fromkeys(
            (*self.interrupt_before, *self.interrupt_after, *([goto] if isinstance(goto, str) else []))
        )
        return tuple(name for name in named if name != ALL_NODES)

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments that a person would write; empty ones are left out."""
        chosen: dict[str, Any] = {"command": dict(self.command)} if self.command else {"input": self.input}
        for name in ("checkpoint_id", "multitask_strategy", "after_seconds", "webhook", "durability"):
            if value := getattr(self, name):
                chosen[name] = value
        for name in ("interrupt_before", "interrupt_after"):
            if nodes := getattr(self, name):
                chosen[name] = ALL_NODES if ALL_NODES in nodes else list(nodes)
        for name in ("config", "context", "metadata", "headers"):
            if value := getattr(self, name):
                chosen[name] = dict(value)
        if self.tracing:
            chosen["langsmith_tracing"] = dict(self.tracing)
        if self.makes_thread:
            chosen["if_not_exists"] = "create"
        if self.is_kept:
            chosen["on_completion"] = "keep"
        return chosen

    def followed(self, modes: Sequence[str], tags: Mapping[str, Any]) -> dict[str, Any]:
        """The same with what following it needs: its stream kept by the server, and our tags. A card shows subgraphs too."""
        metadata = {**self.metadata, **tags}
        streamed = {"stream_mode": list(modes), "stream_resumable": True}
        if self.with_subgraphs or set(modes) >= WATCHED:
            streamed["stream_subgraphs"] = True
        return {**self.arguments(), "metadata": metadata, **streamed}


def _names(nodes: object, what: str) -> tuple[str, ...]:
    """Names of nodes: `a,b` is two. A text is a sequence too, of letters that no node is called by."""
    names = nodes.split(",") if isinstance(nodes, str) else nodes
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise CommandError(f"{what} wants names of nodes, got {type_phrase(nodes)}.", hint=f'{what}=["tools"]')
    return tuple(name.strip() for name in names if name.strip())


def checked_mapping(value: object, what: str) -> dict[str, Any]:
    """A mapping as a dict; empty for None.

    Raises:
        CommandError: it is none; `what` says what is wanted.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise CommandError(f"{what} wants a mapping, got {type_phrase(value)}.", hint=f'{what}={{"name": …}}')
    return dict(value)


def merged_config(
    config: Mapping[str, Any] | None,
    defaults: Mapping[str, Any],
    configurable: Mapping[str, Any] | None,
    context: Mapping[str, Any],
) -> dict[str, Any]:
    """A run's config: the session's defaults, under the given config, under the single values.

    Raises:
        CommandError: one is no mapping; configurable values and a context were given together, which the server refuses.
    """
    merged = checked_mapping(config, "config")
    held = checked_mapping(merged.get("configurable"), "config's configurable")
    values = {**defaults, **held, **checked_mapping(configurable, "configurable")}
    if values:
        merged["configurable"] = values
    if values and context:
        raise CommandError(
            f"Configurable values ({', '.join(values)}) and a context cannot go together.",
            hint="Give all of them with --context, or clear the defaults: %lg_set --clear",
        )
    return merged
