"""What an assistant gives each of its runs: values and config, how they are merged, and what changed. Pure.

The server keeps the values twice: as `context`, and as `configurable` in the config. It refuses both in one request, takes an
empty config for none given, and a config without `configurable` away from the context it goes with (langgraph-api 0.16).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lg_magics.errors import CommandError
from lg_magics.model.changes import ABSENT
from lg_magics.model.messages import shortened
from lg_magics.model.secrets import without_secrets

__all__ = ["Settings", "given_settings", "pairs_words", "settings_from_row"]

CONFIGURABLE = "configurable"


@dataclass(frozen=True, slots=True)
class Settings:
    """Values (configurable, and so the context), and the rest of the config: tags, recursion_limit …"""

    values: Mapping[str, Any] = field(default_factory=dict)
    rest: Mapping[str, Any] = field(default_factory=dict)

    def merged(self, over: Settings) -> Settings:
        """These, with `over` on top; a value of "" takes its name away."""
        values = {**self.values, **over.values}
        return Settings({k: v for k, v in values.items() if v != ""}, {**self.rest, **over.rest})

    def arguments(self) -> dict[str, Any]:
        """What `assistants.create` and `.update` are called with, so that the assistant has these and nothing else.

        A context is sent only to empty it: the server copies `configurable` there, and an older one knows no context.
        """
        config = {"config": {**self.rest, CONFIGURABLE: dict(self.values)}}
        return config if self.values else {**config, "context": {}}

    def words(self) -> str:
        """`user_id=Test, recursion_limit=5`, on one line; nothing that looks secret."""
        return pairs_words({**self.values, **self.rest})

    def changes(self, after: Settings) -> list[tuple[str, str]]:
        """(name, what became of it) for everything that differs in `after`."""
        return [*_changes(self.values, after.values), *_changes(self.rest, after.rest)]


def settings_from_row(row: Mapping[str, Any]) -> Settings:
    """The settings of an assistant's, or a version's, row.

    After `set_latest` a row's context may be that of another version: what the config says wins.
    """
    config, context = _mapping(row.get("config")), _mapping(row.get("context"))
    values = {**context, **_mapping(config.get(CONFIGURABLE))}
    return Settings(values, {name: value for name, value in config.items() if name != CONFIGURABLE})


def given_settings(
    config: Mapping[str, Any] | None, configurable: Mapping[str, Any] | None, context: Mapping[str, Any] | None
) -> Settings | None:
    """The settings that a person gave; None if they gave none.

    Raises:
        CommandError: configurable values and a context were given together, which the server refuses.
    """
    if config is None and configurable is None and context is None:
        return None
    config = config or {}
    values = {**_mapping(config.get(CONFIGURABLE)), **(configurable or {})}
    if values and context:
        raise CommandError(
            f"Configurable values ({', '.join(values)}) and a context cannot go together.",
            hint="The server keeps one for the other: give all of them with -c, or all with --context.",
        )
    return Settings({**values, **(context or {})}, {name: v for name, v in config.items() if name != CONFIGURABLE})


def pairs_words(pairs: Mapping[str, Any]) -> str:
    """`user_id=Test, n=3`, on one line; nothing that looks secret."""
    return ", ".join(f"{name}={_word(value)}" for name, value in without_secrets(pairs).items())


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    shown_before, shown_after = without_secrets(before), without_secrets(after)
    for name in {**before, **after}:
        was, now = before.get(name, ABSENT), after.get(name, ABSENT)
        if now is ABSENT:
            yield name, f"taken away (was {_word(shown_before[name])})"
        elif was is ABSENT:
            yield name, _word(shown_after[name])
        elif was != now:
            yield name, f"{_word(shown_after[name])} (was {_word(shown_before[name])})"


def _word(value: Any) -> str:
    return shortened(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
