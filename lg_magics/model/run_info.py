"""The constant facts of a run: its ids, its place, and its request. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from lg_magics.model.cell import Cell
from lg_magics.model.packed import Packed
from lg_magics.model.references import short_id
from lg_magics.model.run_input import title_of_input
from lg_magics.model.run_request import RunRequest
from lg_magics.model.sdk_code import code_from_request
from lg_magics.model.visible_text import visible_line

__all__ = ["CardStyle", "Launch", "PackedLaunch", "RunInfo", "Target", "ThreadInfo"]

LONG_TITLE = 300

CardStyle: TypeAlias = Literal["rows", "compact"]


@dataclass(frozen=True, slots=True)
class Target:
    """The run to follow, and the stream modes that it was created with.

    `is_attached`: it was launched elsewhere, so its stream may lack its beginning, or be missing altogether.
    """

    run_id: str
    thread_id: str
    modes: Sequence[str]
    is_stateless: bool = False
    is_attached: bool = False


@dataclass(frozen=True, slots=True)
class ThreadInfo:
    """A thread as this session knows it: its number (`t2`), id, and title (may be empty)."""

    number: str
    id: str
    title: str = ""

    def __str__(self) -> str:
        return f"{self.number} “{visible_line(self.title)}”" if self.title else self.number

    @property
    def thread_id(self) -> str:
        """Its id, under the name that rows and handles have for it."""
        return self.id

    @property
    def shown(self) -> str:
        """The number with the id's tail: `t2 ·0e7caf`."""
        return short_id(self.number, self.id)


@dataclass(frozen=True, slots=True)
class Launch:
    """The request to the deployment, without header values and keys.

    `key_variable` is the environment variable that holds the key, `header_names` the deployment's own headers.
    """

    request: RunRequest
    url: str
    key_variable: str | None = None
    header_names: tuple[str, ...] = ()


class PackedLaunch(Packed[Launch]):
    """A launch in less memory."""

    __slots__ = ()

    @property
    def request(self) -> RunRequest:
        """Return a new copy of the request."""
        return self.read().request


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A run at its launch.

    Attributes:
        number: its number in this session, `r7`.
        id: its run id.
        thread: its thread.
        deployment: the deployment's name.
        assistant: the assistant's name or id.
        defaults: the session's defaults in force, in words: ("user_id=Test",).
        launch: its request; `code` is made from it.
        command: the magic that launches it.
        is_protected: whether the deployment is marked as protected.
        is_stateless: whether it and its thread are deleted when it ends.
        makes_thread: whether its thread was created for it, and became the current one.
        cell: the cell that launched it.
        session: the id of the session that launched it, or made its cron; "" if none did.
        choice: a sentence on the choice of assistant and thread, if it is not obvious; "" otherwise.
        version: the version of its graph, `v3`, if the embedded server keeps versions.
        card: how its card shows the steps: a row each, or one line (`compact`).
        traced_in: the address of the LangSmith project with its trace; "" if it is not traced, or the address is unknown.
    """

    number: str
    id: str
    thread: ThreadInfo
    deployment: str
    assistant: str
    defaults: tuple[str, ...] = ()
    launch: Launch | PackedLaunch | None = None
    command: str = ""
    is_protected: bool = False
    is_stateless: bool = False
    makes_thread: bool = False
    cell: Cell = Cell()
    session: str = ""
    choice: str = ""
    version: str = ""
    card: CardStyle = "rows"
    traced_in: str = ""

    @property
    def trace(self) -> str:
        """The address of its trace in LangSmith; "" if it is unknown. Its root there has the run's id."""
        return f"{self.traced_in}/r/{self.id}?poll=true" if self.traced_in else ""

    @property
    def graph(self) -> str:
        """The assistant, with the version of its graph: `graph v3`."""
        return f"{self.assistant} {self.version}".rstrip()

    @property
    def shown(self) -> str:
        """The number with the id's tail: `r7 ·bff07`."""
        return short_id(self.number, self.id)

    @property
    def title(self) -> str:
        """The input on one line, or the thread's title if there is no input."""
        asked = title_of_input(self.launch.request.input, LONG_TITLE) if self.launch else ""
        return asked or self.thread.title or f"{self.assistant}, without input"

    @property
    def code(self) -> str:
        """Complete SDK code that launches the same run; "" if it was not launched here. Computed at each call."""
        if self.launch is None:
            return ""
        made = self.launch.read() if isinstance(self.launch, PackedLaunch) else self.launch
        return code_from_request(
            made.request, url=made.url, key_variable=made.key_variable, header_names=made.header_names
        )
