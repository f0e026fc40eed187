"""A run's behavior as a file stores it: its tool calls with their arguments, and its status, without texts. Pure.

{"status": "success", "tools": [{"name": "weather_search", "args": {"query": "weather in Paris"}}]}
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lg_magics.errors import CommandError
from lg_magics.model.batch import messages_since
from lg_magics.model.batch_rows import is_utf8, json_of
from lg_magics.model.json_equality import same_json
from lg_magics.model.json_text import strict_json
from lg_magics.model.messages import ToolCall

__all__ = ["Golden", "Order", "difference", "golden_from_text", "golden_of", "text_of_golden"]

Order = Literal["strict", "unordered", "subset"]
LONGEST = 200
EDITED = "hitl_edited_tool_calls"
"""The key of `HumanInTheLoopMiddleware` for the calls that ran in place of others, by the others' ids."""


@dataclass(frozen=True, slots=True)
class Golden:
    """A run's status, and the tools that it called, in order, each by name and arguments."""

    status: str
    tools: tuple[tuple[str, Mapping[str, Any]], ...]


def golden_of(status: str, values: object, before: object = None) -> Golden:
    """Return the behavior of the run that left these values; messages in `before` are not its own."""
    calls = [call for message in messages_since(values, before) for call in message.tool_calls]
    old = _edited(before)
    edited = {name: call for name, call in _edited(values).items() if old.get(name) != call}
    return Golden(status, tuple(_as_run(each, edited) for each in calls))


def _edited(values: object) -> Mapping[str, Any]:
    held = values.get(EDITED) if isinstance(values, Mapping) else None
    return held if isinstance(held, Mapping) else {}


def _as_run(call: ToolCall, edited: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return a call as it ran: the messages keep an edited call as the model made it."""
    other = edited.get(call.id)
    if isinstance(other, Mapping) and isinstance(other.get("name"), str) and isinstance(other.get("args"), Mapping):
        return other["name"], _plain(other["args"])
    return call.name, _plain(call.args)


def _plain(args: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return arguments in their JSON form, so that they equal those of a file."""
    value = json.loads(json_of(dict(args)))
    assert isinstance(value, dict)
    return value


def text_of_golden(golden: Golden) -> str:
    """Return the text of a file that people can read and diff line by line."""
    tools = [{"name": name, "args": args} for name, args in golden.tools]
    held = {"status": golden.status, "tools": tools}
    text = json.dumps(held, ensure_ascii=False, indent=2)
    return (text if is_utf8(text) else json.dumps(held, indent=2)) + "\n"


def golden_from_text(text: str, name: str) -> Golden:
    """Parse a file's text; `name` is its name in errors.

    Raises:
        CommandError: the text has another format, or repeats a key.
    """
    try:
        value = strict_json(text, allow_nan=True)
        tools = [(each["name"], each.get("args") or {}) for each in value["tools"]]
        if all(isinstance(tool, str) and isinstance(args, dict) for tool, args in tools):
            return Golden(str(value.get("status") or "success"), tuple(tools))
    except CommandError as problem:
        raise CommandError(f"{name}: {problem.message}", hint=problem.hint) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise CommandError(f"{name} does not say what a run does.", hint='run.freeze("golden.json") writes such a file.')


# -- differences ------------------------------------------------------------------------------------------------


def difference(wanted: Golden, found: Golden, order: Order, ignore: Collection[str] = ()) -> str:
    """Return how a run differs from a file, in words; "" if it does not.

    Args:
        wanted: the file's content.
        found: the run's behavior.
        order: strict: the same calls in the same order; unordered: the same calls; subset: at least these calls, in this order.
        ignore: names of arguments that may differ, as `body` or `send_mail.body`.
    """
    if wanted.status != found.status:
        return f"it ended as {found.status}, not as {wanted.status}"
    ours, theirs = ([_without(call, ignore) for call in each.tools] for each in (found, wanted))
    way = {"strict": _strict, "unordered": _unordered, "subset": _subset}[order]
    return way(theirs, ours)


Call = tuple[str, Mapping[str, Any]]


def _without(call: Call, ignore: Collection[str]) -> Call:
    name, args = call
    return name, {key: value for key, value in args.items() if not {key, f"{name}.{key}"} & set(ignore)}


def _strict(wanted: Sequence[Call], found: Sequence[Call]) -> str:
    for place, (one, other) in enumerate(zip(wanted, found, strict=False), 1):
        if not _is_same(one, other):
            return f"call {place} {_otherwise(one, other)}"
    if len(found) > len(wanted):
        return f"call {len(wanted) + 1} is {_words(found[len(wanted)])}, and none is expected there"
    if len(wanted) > len(found):
        return f"call {len(found) + 1} is missing: {_words(wanted[len(found)])}"
    return ""


def _unordered(wanted: Sequence[Call], found: Sequence[Call]) -> str:
    missing, more = list(wanted), []
    for call in found:
        place = next((place for place, one in enumerate(missing) if _is_same(one, call)), None)
        if place is None:
            more.append(call)
        else:
            del missing[place]
    return _left(missing, more)


def _left(missing: Sequence[Call], more: Sequence[Call]) -> str:
    for one in missing:
        if other := next((call for call in more if call[0] == one[0]), None):
            return f"a call {_otherwise(one, other)}"
    if missing:
        return f"a call is missing: {_words(missing[0])}"
    return f"a call is not expected: {_words(more[0])}" if more else ""


def _subset(wanted: Sequence[Call], found: Sequence[Call]) -> str:
    rest: Iterator[Call] = iter(found)
    for place, one in enumerate(wanted, 1):
        if not any(_is_same(call, one) for call in rest):
            like = [call for call in found if call[0] == one[0] and not _is_same(call, one)]
            if _count(one, found) >= _count(one, wanted[:place]):
                return f"call {place}, {_words(one)}, does not come in this order"
            return f"a call {_otherwise(one, like[0])}" if like else f"call {place} is missing: {_words(one)}"
    return ""


def _count(one: Call, calls: Sequence[Call]) -> int:
    return sum(_is_same(one, call) for call in calls)


def _is_same(one: Call, other: Call) -> bool:
    """Whether two calls are the same. A model may write the number 5 as 5.0, but not true as 1."""
    return one[0] == other[0] and same_json(one[1], other[1])


def _otherwise(wanted: Call, found: Call) -> str:
    """Return `is f(x=1), not g()`; for one tool, only the arguments that differ."""
    if wanted[0] != found[0]:
        return f"is {_words(found)}, not {_words(wanted)}"
    names = [name for name in dict.fromkeys((*wanted[1], *found[1])) if _differ(name, wanted[1], found[1])]
    return f"of {wanted[0]} has {_arguments(found[1], names)}, not {_arguments(wanted[1], names)}"


def _differ(name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (name in one) != (name in other) or not same_json(one.get(name), other.get(name))


def _arguments(args: Mapping[str, Any], names: Iterable[str]) -> str:
    return ", ".join(f"{name}={_short(args[name])}" if name in args else f"no {name}" for name in names)


def _words(call: Call) -> str:
    return f"{call[0]}({', '.join(f'{name}={_short(value)}' for name, value in call[1].items())})"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
