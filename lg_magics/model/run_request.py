"""The request for a run, as the SDK's create call takes it. Pure: merging of settings, and invalid combinations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lg_magics.errors import CommandError, type_phrase

__all__ = ["ALL_NODES", "RunRequest", "checked_mapping", "checked_webhook", "merged_config"]

ALL_NODES = "*"
WATCHED = {"updates", "messages-tuple", "custom"}
"""The stream modes of a run that is launched with a card."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """The arguments of `runs.create`.

    `thread_id` is None for a stateless run; `is_kept` keeps the thread that the server makes for one. `after_seconds` delays
    the start, `with_subgraphs` includes subgraphs in the stream. `interrupt_before` and `interrupt_after` are names
    of nodes, or `*` for all; a text is split at commas. `tracing` names a LangSmith project and an
    example of a dataset. Two fields are not sent: `note`, a sentence to show on the choice of assistant and thread, and
    `named`, the known name from which `assistant` was found.
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
    named: str = ""

    def __post_init__(self) -> None:
        for name in ("interrupt_before", "interrupt_after"):
            object.__setattr__(self, name, _names(getattr(self, name), name))

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of the nodes to stop at, or to go to; empty if it stops at all of them."""
        goto = (self.command or {}).get("goto")
        named = dict.fromkeys(
            (*self.interrupt_before, *self.interrupt_after, *([goto] if isinstance(goto, str) else []))
        )
        return tuple(name for name in named if name != ALL_NODES)

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments that a user would write; empty ones are left out."""
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
        """Return the arguments for a followed run: its stream is kept by the server, with this package's tags and subgraphs."""
        metadata = {**self.metadata, **tags}
        streamed = {"stream_mode": list(modes), "stream_resumable": True}
        if self.with_subgraphs or set(modes) >= WATCHED:
            streamed["stream_subgraphs"] = True
        return {**self.arguments(), "metadata": metadata, **streamed}


def _names(nodes: object, what: str) -> tuple[str, ...]:
    """Return names of nodes: `a,b` is two. A text is also a sequence, of letters that are no nodes' names."""
    names = nodes.split(",") if isinstance(nodes, str) else nodes
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise CommandError(f"{what} must be names of nodes, got {type_phrase(nodes)}.", hint=f'{what}=["tools"]')
    return tuple(name.strip() for name in names if name.strip())


def checked_mapping(value: object, what: str) -> dict[str, Any]:
    """Return a mapping as a dict; an empty one for None.

    Raises:
        CommandError: it is not a mapping; `what` is its name in the message.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise CommandError(f"{what} must be a mapping, got {type_phrase(value)}.", hint=f'{what}={{"name": …}}')
    return dict(value)


def merged_config(
    config: Mapping[str, Any] | None,
    defaults: Mapping[str, Any],
    configurable: Mapping[str, Any] | None,
    context: Mapping[str, Any],
) -> dict[str, Any]:
    """Merge a run's config: the single values override the given config, which overrides the session's defaults.

    Raises:
        CommandError: one is not a mapping; or both configurable values and a context were given, which the server rejects.
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


def checked_webhook(webhook: str | None) -> str:
    """Return the address of a webhook; "" for none.

    Raises:
        CommandError: it is not an address.
    """
    if webhook and not webhook.startswith(("http://", "https://", "/")):
        raise CommandError(f"--webhook must be an address, got '{webhook}'.", hint="--webhook https://HOST/PATH")
    return webhook or ""
