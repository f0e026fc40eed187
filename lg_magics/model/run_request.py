"""A run that is asked for, as the SDK's create call takes it. Pure: what is merged with what, and what cannot go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lg_magics.errors import CommandError

__all__ = ["RunRequest", "merged_config"]


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What `runs.create` is called with.

    `thread_id` is None for a stateless run; `is_kept` keeps the thread that the server makes for one. `after_seconds` is when
    it is to begin, `with_subgraphs` whether its stream tells of subgraphs too.
    """

    assistant: str
    thread_id: str | None
    input: Any = None
    config: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
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
    is_kept: bool = False
    with_subgraphs: bool = False

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments that a person would write; empty ones are left out."""
        chosen: dict[str, Any] = {"command": dict(self.command)} if self.command else {"input": self.input}
        for name in ("checkpoint_id", "multitask_strategy", "after_seconds", "webhook", "durability"):
            if value := getattr(self, name):
                chosen[name] = value
        for name in ("interrupt_before", "interrupt_after"):
            if nodes := getattr(self, name):
                chosen[name] = list(nodes)
        for name in ("config", "context", "metadata", "headers"):
            if value := getattr(self, name):
                chosen[name] = dict(value)
        if self.makes_thread:
            chosen["if_not_exists"] = "create"
        if self.is_kept:
            chosen["on_completion"] = "keep"
        return chosen

    def followed(self, modes: Sequence[str], tags: Mapping[str, Any]) -> dict[str, Any]:
        """The same with what following it needs: its stream kept by the server, and our tags."""
        metadata = {**self.metadata, **tags}
        streamed = {"stream_mode": list(modes), "stream_resumable": True}
        if self.with_subgraphs:
            streamed["stream_subgraphs"] = True
        return {**self.arguments(), "metadata": metadata, **streamed}


def merged_config(
    config: Mapping[str, Any] | None,
    defaults: Mapping[str, Any],
    configurable: Mapping[str, Any] | None,
    context: Mapping[str, Any],
) -> dict[str, Any]:
    """A run's config: the session's defaults, under the given config, under the single values.

    Raises:
        CommandError: configurable values and a context were given together, which the server refuses.
    """
    merged = dict(config or {})
    values = {**defaults, **(merged.get("configurable") or {}), **(configurable or {})}
    if values:
        merged["configurable"] = values
    if values and context:
        raise CommandError(
            f"Configurable values ({', '.join(values)}) and a context cannot go together.",
            hint="Give all of them with --context, or clear the defaults: %lg_set --clear",
        )
    return merged
