"""A server's rows of runs, threads, assistants, crons and states: checked, read-only. Pure.

Deployments differ in the fields that they send, so only the id is required. A missing field is unknown, not false.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

__all__ = [
    "AssistantRecord",
    "CronRecord",
    "RunRecord",
    "ServerRecord",
    "StateRecord",
    "ThreadRecord",
    "UnexpectedShape",
    "described",
    "mapping_from",
    "mapping_or_empty",
    "records_of",
]

LONGEST = 200  # characters of a server's message in place of a record


class UnexpectedShape(ValueError):
    """A response does not have the expected shape; the text describes both."""


class ServerRecord(Mapping[str, Any]):
    """A JSON object of a server, as a read-only mapping; common fields are also attributes.

    Raises:
        UnexpectedShape: it is not an object, or has no id.
    """

    __slots__ = ("_fields",)
    NOUN: ClassVar[str] = "an object"
    ID: ClassVar[str] = ""

    def __init__(self, fields: object) -> None:
        if not isinstance(fields, Mapping) or (self.ID and not _is_id(fields.get(self.ID))):
            raise UnexpectedShape(f"{described(fields, self.ID)} in place of {self.NOUN}")
        self._fields: Mapping[str, Any] = fields

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value under a name."""
        return self._fields.get(name, default)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._fields.get(self.ID, '')}>"

    def text(self, name: str) -> str:
        """Return a text field; "" if it is unknown."""
        value = self._fields.get(name)
        return value if isinstance(value, str) else ""

    def mapping(self, name: str) -> Mapping[str, Any]:
        """Return an object field; an empty one if it is unknown."""
        value = self._fields.get(name)
        return value if isinstance(value, Mapping) else {}

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Its metadata."""
        return self.mapping("metadata")

    @property
    def status(self) -> str:
        """The server's status; "" if unknown."""
        return self.text("status")

    @property
    def assistant_id(self) -> str:
        """The id of its assistant, or of the assistant itself; "" if unknown."""
        return self.text("assistant_id")

    @property
    def thread_id(self) -> str:
        """The id of its thread, or of the thread itself; "" if unknown."""
        return self.text("thread_id")

    @property
    def created_at(self) -> str:
        """When it was created, in the server's format."""
        return self.text("created_at")

    @property
    def updated_at(self) -> str:
        """When it last changed, in the server's format."""
        return self.text("updated_at")

    @property
    def graph_id(self) -> str:
        """The name of its graph; "" if unknown."""
        return self.text("graph_id") or str(self.metadata.get("graph_id") or "")


class RunRecord(ServerRecord):
    """A run."""

    __slots__ = ()
    NOUN, ID = "a run", "run_id"

    @property
    def run_id(self) -> str:
        """Its id."""
        return str(self._fields["run_id"])

    @property
    def kwargs(self) -> Mapping[str, Any]:
        """The arguments of its launch: input, config, stream modes."""
        return self.mapping("kwargs")

    @property
    def graph_id(self) -> str:
        """The name of its graph; "" if unknown."""
        config = self.kwargs.get("config")
        values = config.get("configurable") if isinstance(config, Mapping) else None
        graph = values.get("graph_id") if isinstance(values, Mapping) else None
        return str(graph) if graph else super().graph_id


class ThreadRecord(ServerRecord):
    """A thread."""

    __slots__ = ()
    NOUN, ID = "a thread", "thread_id"

    @property
    def extracted(self) -> Mapping[str, Any] | None:
        """The extracted fields of a search; None if unknown."""
        value = self._fields.get("extracted")
        return value if isinstance(value, Mapping) else None


class AssistantRecord(ServerRecord):
    """An assistant, or a version of one."""

    __slots__ = ()
    NOUN, ID = "an assistant", "assistant_id"

    @property
    def name(self) -> str:
        """Its name; "" if unknown."""
        return self.text("name")

    @property
    def version(self) -> int | None:
        """Its version; None if unknown."""
        value = self._fields.get("version")
        return value if isinstance(value, int) else None


class CronRecord(ServerRecord):
    """A cron."""

    __slots__ = ()
    NOUN, ID = "a cron", "cron_id"

    @property
    def cron_id(self) -> str:
        """Its id."""
        return str(self._fields["cron_id"])


class StateRecord(ServerRecord):
    """A thread's state at a checkpoint."""

    __slots__ = ()
    NOUN = "a state"
    FIELDS = ("values", "next", "tasks", "checkpoint", "checkpoint_id")

    def __init__(self, fields: object) -> None:
        super().__init__(fields)
        if not any(name in self._fields for name in self.FIELDS):
            raise UnexpectedShape(f"{described(fields)} in place of {self.NOUN}")

    @property
    def checkpoint_id(self) -> str:
        """The checkpoint's id; "" for a thread without one."""
        return str(self.mapping("checkpoint").get("checkpoint_id") or self._fields.get("checkpoint_id") or "")

    @property
    def next(self) -> tuple[str, ...]:
        """The nodes that would run next."""
        value = self._fields.get("next")
        return tuple(map(str, value)) if isinstance(value, list | tuple) else ()

    @property
    def tasks(self) -> Sequence[Mapping[str, Any]]:
        """The tasks of the step after it."""
        value = self._fields.get("tasks")
        return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


R = TypeVar("R", bound=ServerRecord)


def records_of(kind: type[R], payload: object) -> list[R]:
    """Return the records of a list.

    Raises:
        UnexpectedShape: it is not a list, or holds something else.
    """
    if not isinstance(payload, list):
        raise UnexpectedShape(f"{described(payload)} in place of a list")
    return [kind(each) for each in payload]


def mapping_from(payload: object, *names: str) -> dict[str, Any]:
    """Return a JSON object with at least one of these fields (any object, if none is named).

    Raises:
        UnexpectedShape: it is something else.
    """
    if isinstance(payload, Mapping) and (not names or any(name in payload for name in names)):
        return dict(payload)
    raise UnexpectedShape(f"{described(payload)} in place of an object{f' with {names[0]}' if names else ''}")


def mapping_or_empty(value: object) -> Mapping[str, Any]:
    """Return a JSON object; an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else {}


def described(payload: object, wanted: str = "") -> str:
    """Describe a payload in words; a message of the server in it is quoted."""
    if payload is None:
        return "nothing"
    if isinstance(payload, Mapping):
        message = next((payload[name] for name in ("detail", "message", "error") if payload.get(name)), None)
        if message is not None:
            text = " ".join(str(message).split())
            return f"an object that says “{text if len(text) <= LONGEST else text[:LONGEST] + '…'}”"
        return f"an object without {wanted}" if payload and wanted else "an object" if payload else "an empty object"
    if isinstance(payload, list):
        return "a list" if payload else "an empty list"
    return (
        "a text" if isinstance(payload, str) else "a number" if isinstance(payload, int | float) else "something else"
    )


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(value)
