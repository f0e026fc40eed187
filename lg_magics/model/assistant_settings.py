"""The values and config that an assistant gives its runs: how they are merged, and what changed. Pure.

The server keeps the values twice: as `context`, and as `configurable` in the config. It rejects both in one request, treats an
empty config as none, and removes the context together with a config without `configurable` (langgraph-api 0.16).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lg_magics.errors import CommandError
from lg_magics.model.changes import ABSENT
from lg_magics.model.json_equality import same_json
from lg_magics.model.json_text import plain_json
from lg_magics.model.messages import shortened
from lg_magics.model.run_request import checked_mapping
from lg_magics.model.secrets import without_secrets

__all__ = ["Settings", "given_settings", "pairs_words", "settings_from_row"]

CONFIGURABLE = "configurable"


@dataclass(frozen=True, slots=True)
class Settings:
    """Values (configurable, and so the context), and the rest of the config: tags, recursion_limit …"""

    values: Mapping[str, Any] = field(default_factory=dict)
    rest: Mapping[str, Any] = field(default_factory=dict)

    def merged(self, over: Settings) -> Settings:
        """Return these settings, overridden by `over`; a value of "" in `over` removes its name."""
        values = {**self.values, **over.values}
        kept = {name: value for name, value in values.items() if over.values.get(name) != ""}
        return Settings(kept, {**self.rest, **over.rest})

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of `assistants.create` and `.update` that give the assistant exactly these settings.

        A context is sent only to empty it: the server copies `configurable` there, and older servers know no context.
        """
        config = {"config": {**self.rest, CONFIGURABLE: dict(self.values)}}
        return config if self.values else {**config, "context": {}}

    def words(self) -> str:
        """Return `user_id=Test, recursion_limit=5`, on one line, without anything that looks secret."""
        return pairs_words({**self.values, **self.rest})

    def is_same(self, other: Settings) -> bool:
        """Return whether both are the same JSON, where true, 1 and 1.0 differ: graphs read the values in Python."""
        return not self.changes(other)

    def changes(self, after: Settings) -> list[tuple[str, str]]:
        """Return (name, its change) for everything that differs in `after`."""
        return [*_changes(self.values, after.values), *_changes(self.rest, after.rest)]


def settings_from_row(row: Mapping[str, Any]) -> Settings:
    """Return the settings of the row of an assistant, or of one version.

    After `set_latest` a row's context may belong to another version, so the config has precedence.
    """
    config, context = _mapping(row.get("config")), _mapping(row.get("context"))
    values = {**context, **_mapping(config.get(CONFIGURABLE))}
    return Settings(values, {name: value for name, value in config.items() if name != CONFIGURABLE})


def given_settings(
    config: Mapping[str, Any] | None, configurable: Mapping[str, Any] | None, context: Mapping[str, Any] | None
) -> Settings | None:
    """Return the settings that a user gave; None if there are none.

    Raises:
        CommandError: both configurable values and a context were given, which the server rejects; or one is not a mapping.
    """
    if config is None and configurable is None and context is None:
        return None
    config = checked_mapping(config, "config")
    held = checked_mapping(config.get(CONFIGURABLE), "config's configurable")
    values = {**held, **checked_mapping(configurable, "configurable")}
    if values and context:
        raise CommandError(
            f"Configurable values ({', '.join(values)}) and a context cannot go together.",
            hint="The server keeps one for the other: give all of them with -c, or all with --context.",
        )
    rest = {name: value for name, value in config.items() if name != CONFIGURABLE}
    return Settings(plain_json({**values, **checked_mapping(context, "context")}), plain_json(rest))


def pairs_words(pairs: Mapping[str, Any]) -> str:
    """Return `user_id=Test, n=3`, on one line, without anything that looks secret."""
    return ", ".join(f"{name}={_word(value)}" for name, value in without_secrets(pairs).items())


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    shown_before, shown_after = without_secrets(before), without_secrets(after)
    for name in {**before, **after}:
        was, now = before.get(name, ABSENT), after.get(name, ABSENT)
        if now is ABSENT:
            yield name, f"taken away (was {_word(shown_before[name])})"
        elif was is ABSENT:
            yield name, _word(shown_after[name])
        elif not same_json(was, now, exact=True):
            yield name, f"{_word(shown_after[name])} (was {_word(shown_before[name])})"


def _word(value: Any) -> str:
    return shortened(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
