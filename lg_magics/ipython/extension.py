"""`%load_ext lg_magics` and `%unload_ext`: installs all entry points in a shell, and removes them. Runs no command itself."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from lg_magics import __version__
from lg_magics.follow.callbacks import call_in_cells, cell_began, cell_ended
from lg_magics.grammar.catalogue import has_cell_magic, magic_name, nouns
from lg_magics.ipython.completion import Completer
from lg_magics.ipython.current import close_session, current
from lg_magics.ipython.display import Display
from lg_magics.ipython.host import Host, host_of, remove_if_there, turn_on_widgets, unregister
from lg_magics.ipython.magics import Magic, MagicRunner
from lg_magics.ipython.panel_comm import PanelComms
from lg_magics.ipython.recorder import Recorder
from lg_magics.ipython.text_lines import TextLine
from lg_magics.model.visible_text import visible_text
from lg_magics.widgets import deleted_subshells

if TYPE_CHECKING:
    from lg_magics.local.notebook.record import Record

__all__ = ["load", "plugin_answers", "record_of", "unload"]

NAME = "lg"

_loaded: dict[int, _Extension] = {}


def load(shell: Any) -> None:
    """Install the magics, the transformer, the completion and the display in `shell`, and print one line."""
    if id(shell) not in _loaded:
        extension = _Extension(shell)
        try:
            extension.install()
            _loaded[id(shell)] = extension
        except BaseException:  # half of it would say that it is loaded
            _loaded.pop(id(shell), None)
            extension.remove()
            raise
    version = ".".join(__version__.split(".")[:2])
    print(f"lg_magics {version}: %lg_connect local to start, %lg for help")


def unload(shell: Any) -> None:
    """Remove everything from `shell`, close the session, and print the crons that go on. Runs go on on the server."""
    extension = _loaded.pop(id(shell), None)
    if extension is not None:
        extension.remove()
    if words := close_session():
        print(visible_text(words))


def record_of(shell: Any) -> Record | None:
    """The cells that ran in `shell`; None if the extension is not loaded there."""
    extension = _loaded.get(id(shell))
    return extension.recorder.record() if extension is not None else None


def plugin_answers(shell: Any) -> bool | None:
    """Whether the JupyterLab extension in the page has answered; None if lg_magics is not loaded in `shell`."""
    extension = _loaded.get(id(shell))
    return extension.panel.has_plugin() if extension is not None else None


class _Extension:
    """Everything that is installed in one shell."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.display = Display(shell)
        self.completer = Completer(shell, current)
        self.panel = PanelComms(shell, current)
        self.recorder = Recorder(shell)
        self.has_bound_name = False

    def install(self) -> None:
        runner = MagicRunner(self.shell, self.display, current, self.panel.show_without_plugin)
        for noun in nouns():
            kind = "line_cell" if has_cell_magic(noun) else "line"
            self.shell.register_magic_function(Magic(noun, runner), kind, magic_name(noun))
        self.shell.input_transformer_manager.token_transformers.append(TextLine)
        self.completer.install()
        self.display.install()
        self.panel.install()
        self.recorder.install()
        call_in_cells(lambda: host_of(self.shell) is Host.HEADLESS)
        self.shell.events.register("pre_run_cell", self._began)
        self.shell.events.register("post_run_cell", self._ended)
        turn_on_widgets()
        deleted_subshells.keep_out()
        if NAME not in self.shell.user_ns:
            self.has_bound_name = True
            self.shell.user_ns[NAME] = sys.modules["lg_magics"]

    @staticmethod
    def _began(*_: Any) -> None:
        cell_began()

    @staticmethod
    def _ended(*_: Any) -> None:
        cell_ended()

    def remove(self) -> None:
        """Remove everything, in the reverse order. Each step allows that it was not installed; an error skips no other step."""
        with ExitStack() as steps:
            steps.callback(self._remove_names)
            steps.callback(remove_if_there, self.shell.input_transformer_manager.token_transformers, TextLine)
            steps.callback(self.completer.remove)
            steps.callback(self.display.remove)
            steps.callback(self.panel.remove)
            steps.callback(self.recorder.remove)
            steps.callback(deleted_subshells.let_in)
            steps.callback(call_in_cells, None)
            steps.callback(unregister, self.shell, "post_run_cell", self._ended)
            steps.callback(unregister, self.shell, "pre_run_cell", self._began)

    def _remove_names(self) -> None:
        for noun in nouns():
            self._remove_magic(magic_name(noun))
        if self.has_bound_name and self.shell.user_ns.get(NAME) is sys.modules["lg_magics"]:
            del self.shell.user_ns[NAME]

    def _remove_magic(self, name: str) -> None:
        manager = self.shell.magics_manager
        for of_kind in manager.magics.values():
            of_kind.pop(name, None)
        vars(manager.user_magics).pop(name, None)
