"""The entry point of the magics: line → call of a command → result, shown and returned. Parses and draws nothing itself."""

from __future__ import annotations

import sys
from collections import ChainMap
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from importlib import import_module
from threading import Thread
from types import FrameType
from typing import TYPE_CHECKING, Any

from lg_magics.grammar.catalogue import CATALOGUE, verbs
from lg_magics.ipython.host import Host, host_of
from lg_magics.model.visible_text import visible_line
from lg_magics.server.waits import notes_to

if TYPE_CHECKING:
    from lg_magics.grammar.read import Call
    from lg_magics.grammar.registry import Command
    from lg_magics.ipython.display import Display
    from lg_magics.session import Session

__all__ = ["Magic", "MagicRunner", "help_for"]

CARDS = ("lg_magics.commands.runs", "lg_magics.ipython.live_card", "lg_magics.widgets.view")
NOTE = {"lg_magics_note": True}
"""The metadata by which the front end finds the output of a note."""
BRIEF = ("cancel", "wait")
"""Commands that add a line where the card of their run is on the page."""


class MagicRunner:
    """Runs the lines of all magics in one shell."""

    def __init__(
        self, shell: Any, display: Display, current: Callable[[], Session], show_panel: Callable[[], None]
    ) -> None:
        self._shell = shell
        self._show_panel = show_panel
        self._display = display
        self._current = current

    def do(self, noun: str, line: str, cell: str | None, local_names: dict[str, object]) -> object:
        """Read the line, call the command, show its result, bind it where `-o` says, and return it."""
        from lg_magics.grammar.lookup import command_for_line
        from lg_magics.grammar.read import call_from_line

        command, rest = command_for_line(noun, line)
        names = ChainMap(local_names, self._shell.user_ns)
        call = call_from_line(command, rest, cell, names) if command else None
        if command is None or call is None or call.help:
            print(help_for(noun, command, with_rare=call is not None and call.help == "all"))
            return None
        result = self._called(command, call)
        if call.is_quiet:
            self._display.hide(result)
        else:
            self._display.show(result, briefly=command.name in BRIEF)
            if not command.name:
                self._show_panel()
            if command.name == "connect" and host_of(self._shell).is_page:
                Thread(target=_import_cards, name="lg_magics imports", daemon=True).start()
        if call.output:
            self._shell.user_ns[call.output] = result
        return result

    def _called(self, command: Command, call: Call) -> object:
        from lg_magics.grammar.calling import call_command

        session = self._current()
        with self._silent(session) if call.is_quiet else self._announcing(session):
            return call_command(command, session, call.arguments, call.options)

    @contextmanager
    def _announcing(self, session: Session) -> Iterator[None]:
        """Let a long command show results and progress before it returns."""
        progress = Progress(self._shell)
        with session.showing(announce=self._display.show_early, progress=progress), notes_to(progress):
            yield

    def _silent(self, session: Session) -> AbstractContextManager[None]:
        return session.showing(write=lambda result, text: None)


def _import_cards() -> None:
    """Import the modules of the first card ahead (0.25 s). An error here is raised again at the real import."""
    with suppress(Exception):
        for module in CARDS:
            import_module(module)


class Magic:
    """One magic, `%lg_run` and `%%lg_run`. Its documentation is the help, generated on access."""

    __module__ = "%lg"  # no file of ours: `%lg_run?` would add its path to the help
    _ipython_magic_no_var_expand = True
    needs_local_scope = True

    def __init__(self, noun: str, runner: MagicRunner) -> None:
        self._noun = noun
        self._runner = runner

    def __call__(self, line: str, cell: str | None = None, local_ns: dict[str, object] | None = None) -> object:
        """Run the line; `local_ns` holds the names of the function around it, or, with a cell, the global ones."""
        names = local_ns if cell is None else _names_of_caller(sys._getframe(1))
        return self._runner.do(self._noun, line, cell, names or {})

    def getdoc(self) -> str:
        """The help that IPython shows for `%lg_run?`."""
        from lg_magics.grammar.lookup import command_named

        return help_for(self._noun, command_named(self._noun) if self._noun in CATALOGUE else None)


def _names_of_caller(frame: FrameType | None) -> dict[str, object]:
    """The local names where `run_cell_magic` was called."""
    while frame is not None and frame.f_code.co_name != "run_cell_magic":
        frame = frame.f_back
    caller = frame.f_back if frame is not None else None
    return caller.f_locals if caller is not None else {}


def help_for(noun: str, command: Command | None, *, with_rare: bool = False) -> str:
    """The help of a command, of a noun's verbs if there is no command, or of all commands for home."""
    from lg_magics.grammar.help import help_of_all, help_of_command, help_of_noun
    from lg_magics.grammar.lookup import command_named, commands

    if command is not None and not command.name:
        return help_of_all(commands())
    of_noun = [command_named(f"{noun} {verb}") for verb in verbs(noun)]
    if command is None:
        return help_of_noun(noun, of_noun)
    text = help_of_command(command, with_rare=with_rare)
    return f"{text}\n\n{help_of_noun(noun, of_noun)}" if of_noun and not command.verb else text


class Progress:
    """Call it with a few words to show them, and with "" to remove them. It shows nothing in a headless runner.

    On a page, the words are an output. A kernel can empty an output, but not remove it: the front end does when the notebook is
    saved (output_sync.ts).
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._handle: Any = None
        self._is_shown = False

    def __call__(self, words: str) -> None:
        """Show `words` in place of the last ones."""
        host = host_of(self._shell)
        if not (words or self._is_shown):
            return
        self._is_shown = bool(words)
        words = visible_line(words)
        if host is Host.PAGE:
            self._on_page(words)
        elif host is Host.TERMINAL and sys.stderr.isatty():  # a file would keep each of them
            print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)

    def _on_page(self, words: str) -> None:
        from IPython.display import display

        bundle = {"text/plain": words} if words else {}  # an empty text would be drawn as an empty line
        if self._handle is None:
            self._handle = display(bundle, raw=True, metadata=NOTE, display_id=True)
        else:
            self._handle.update(bundle, raw=True, metadata=NOTE)
