"""Loading puts the entry points into a real shell, unloading takes all of it out again; a magic shows once and returns."""

from __future__ import annotations

import asyncio
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import lg_magics as lg
from lg_magics.grammar.catalogue import TAKE_TEXT, nouns
from lg_magics.ipython.current import close_session
from lg_magics.ipython.host import Host, current_shell, host_of
from lg_magics.model.result import Result
from lg_magics.tables.facts import Facts

Shown = pytest.CaptureFixture[str]


class Note(Result):
    """A result as a command may give back, with nothing but a repr."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"<Note {self.text}>"


def inside(shell: Any) -> dict[str, Any]:
    """Everything of a shell that an extension can reach."""
    formatters = shell.display_formatter
    return {
        "magics": {kind: set(of_kind) for kind, of_kind in shell.magics_manager.magics.items()},
        "user_magics": dict(vars(shell.magics_manager.user_magics)),
        "transformers": list(shell.input_transformer_manager.token_transformers),
        "line_transforms": list(shell.input_transformer_manager.line_transforms),
        "matchers": list(shell.Completer.custom_matchers),
        "printers": {name: dict(each.type_printers) for name, each in formatters.formatters.items()},
        "bundles": dict(formatters.mimebundle_formatter.type_printers),
        "deferred_bundles": dict(formatters.mimebundle_formatter.deferred_printers),
        "displays": dict(formatters.ipython_display_formatter.type_printers),
        "deferred_displays": dict(formatters.ipython_display_formatter.deferred_printers),
        "events": {name: list(of_event) for name, of_event in shell.events.callbacks.items()},
        "hook": shell.display_trap.hook,
        "sys_hook": sys.displayhook,
        "names": set(shell.user_ns),
    }


def test_unloading_leaves_the_shell_as_it_was(bare_shell: InteractiveShell) -> None:
    bare_shell.run_cell("1")
    before = inside(bare_shell)
    bare_shell.run_line_magic("load_ext", "lg_magics")
    assert inside(bare_shell) != before
    bare_shell.user_ns["note"] = Note("used")
    for source in ("%lg", "%lg -o home", "note", "%lg_run?", "%lg_nothing"):
        bare_shell.run_cell(source)
    session = lg.current()
    bare_shell.run_line_magic("unload_ext", "lg_magics")
    bare_shell.user_ns.pop("home")
    bare_shell.user_ns.pop("note")
    assert inside(bare_shell) == before
    assert lg.current() is not session
    close_session()


def test_loading_greets_in_one_line(bare_shell: InteractiveShell, capsys: Shown) -> None:
    bare_shell.run_line_magic("load_ext", "lg_magics")
    assert capsys.readouterr().out == "lg_magics 0.1: %lg_connect local to start, %lg for help\n"
    bare_shell.run_line_magic("unload_ext", "lg_magics")


def test_loading_binds_lg_only_if_the_name_is_free(bare_shell: InteractiveShell) -> None:
    bare_shell.run_cell("lg = 'mine'")
    bare_shell.run_line_magic("load_ext", "lg_magics")
    assert bare_shell.user_ns["lg"] == "mine"
    bare_shell.run_line_magic("unload_ext", "lg_magics")
    assert bare_shell.user_ns["lg"] == "mine"


def test_loading_again_changes_nothing(shell: InteractiveShell) -> None:
    before = inside(shell)
    shell.run_line_magic("reload_ext", "lg_magics")
    lg.load_ipython_extension(shell)
    after = inside(shell)
    assert {name: len(of_kind) for name, of_kind in after["magics"].items()} == {
        name: len(of_kind) for name, of_kind in before["magics"].items()
    }
    assert len(after["transformers"]) == len(before["transformers"])
    assert shell.user_ns["lg"] is lg


def test_loading_again_keeps_the_prices(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(lg.prices, "model", (1.0, 2.0))
    shell.run_line_magic("reload_ext", "lg_magics")
    assert lg.prices["model"] == (1.0, 2.0)


def test_there_is_a_magic_for_each_noun_and_a_cell_magic_where_there_is_text(shell: InteractiveShell) -> None:
    line, cell = shell.magics_manager.magics["line"], shell.magics_manager.magics["cell"]
    assert {f"lg_{noun}" if noun else "lg" for noun in nouns()} <= set(line)
    taking = {"lg_serve"} | {f"lg_{name.partition(' ')[0]}" for name in TAKE_TEXT}
    assert {name for name in cell if name.startswith("lg")} == taking


# -- showing ----------------------------------------------------------------------------------------------------


def times_shown(shell: InteractiveShell, capsys: Shown, source: str) -> int:
    capsys.readouterr()
    assert shell.run_cell(source, store_history=True).success
    return capsys.readouterr().out.count("lg_magics: not connected")


@pytest.mark.parametrize(
    ("source", "times"),
    [
        ("%lg", 1),
        ("%lg\nNone", 1),
        ("r = %lg\nr", 1),
        ("%lg -o r\nr", 1),
        ("r = %lg", 1),
        ("%lg --quiet", 0),
        ("%lg --quiet -o r\nr", 0),
        ("lg.home()", 1),
        ("r = lg.home()", 0),
        ("lg.home();", 0),
        ("[lg.home() for _ in range(2)][:0]", 0),
        ("lg.home()\nlg.home()", 1),
        ("%lg\n%lg", 2),
        ("for _ in range(2):\n    %lg", 2),
        ("r = %lg\ndisplay(r)", 2),
    ],
)
def test_a_result_is_shown_once(shell: InteractiveShell, capsys: Shown, source: str, times: int) -> None:
    assert times_shown(shell, capsys, source) == times


def test_a_result_is_shown_again_in_the_next_cell(shell: InteractiveShell, capsys: Shown) -> None:
    assert times_shown(shell, capsys, "r = %lg\nr") == 1
    assert times_shown(shell, capsys, "r") == 1


def test_a_result_is_shown_once_in_the_cell_that_loads_the_extension(
    bare_shell: InteractiveShell, capsys: Shown
) -> None:
    assert times_shown(bare_shell, capsys, "%load_ext lg_magics\n%lg") == 1
    bare_shell.run_cell("%unload_ext lg_magics")


def test_a_result_that_was_shown_is_still_the_last_output(shell: InteractiveShell) -> None:
    result = shell.run_cell("%lg", store_history=True).result
    assert isinstance(result, Facts)
    assert shell.user_ns["_"] is result
    assert shell.user_ns["_oh"][shell.execution_count - 1] is result


def test_output_binds_the_result_and_it_is_returned(shell: InteractiveShell) -> None:
    shell.run_cell("r = %lg --quiet -o other")
    assert isinstance(shell.user_ns["r"], Facts)
    assert shell.user_ns["other"] is shell.user_ns["r"]


def test_a_new_kind_of_result_is_drawn_by_its_base_class(shell: InteractiveShell, capsys: Shown) -> None:
    shell.user_ns["note"] = Note("hello")
    shell.run_cell("note")
    assert "<Note hello>" in capsys.readouterr().out


def test_an_error_is_one_line_with_its_hint_below_and_stops_the_cell(shell: InteractiveShell, capsys: Shown) -> None:
    result = shell.run_cell("%lg_status --nothing\nafter = 1")
    assert isinstance(result.error_in_exec, lg.errors.CommandError)
    assert "after" not in shell.user_ns
    assert capsys.readouterr().out.strip() == (
        "CommandError: %lg_status has no option --nothing.\n%lg_status --help lists them."
    )


def test_without_a_connection_the_error_names_the_way_to_one(shell: InteractiveShell, capsys: Shown) -> None:
    assert isinstance(shell.run_cell("%lg_status").error_in_exec, lg.errors.NotConnected)
    assert capsys.readouterr().out.strip() == "NotConnected: Not connected.\n%lg_connect local starts one."


def test_names_of_the_function_around_a_line_are_found(shell: InteractiveShell) -> None:
    result = shell.run_cell("def f(inner):\n    %lg_debug $inner\nf('sometimes')")
    assert "switch must be one of on, off, got 'sometimes'." in str(result.error_in_exec)


def test_names_of_the_function_around_a_cell_magic_are_found_before_global_ones(shell: InteractiveShell) -> None:
    shell.run_cell("city = '{global}'")
    call = "get_ipython().run_cell_magic('lg_run', '-f --timeout 1', 'weather in {city.nothing}')"
    result = shell.run_cell(f"def f(city):\n    {call}\nf(5)")
    assert "an int has no attribute 'nothing'" in str(result.error_in_exec)
    result = shell.run_cell("%%lg_run -f --timeout 1\nweather in {city.nothing}")
    assert "a str has no attribute 'nothing'" in str(result.error_in_exec)


# -- where it runs ----------------------------------------------------------------------------------------------


def shell_with_message(message: dict[str, object]) -> Any:
    return types.SimpleNamespace(kernel=object(), get_parent=lambda: message)


@pytest.mark.parametrize(
    ("message", "host"),
    [
        ({"msg_type": "execute_request", "content": {"allow_stdin": True}}, Host.PAGE),
        ({"msg_type": "execute_request", "content": {"allow_stdin": False}}, Host.HEADLESS),
        ({"msg_type": "comm_msg", "content": {"data": {}}}, Host.PAGE),
        ({}, Host.HEADLESS),
    ],
)
def test_a_kernel_has_a_page_if_the_request_came_from_one(message: dict[str, object], host: Host) -> None:
    assert host_of(shell_with_message(message)) is host


def test_a_shell_without_a_kernel_is_a_terminal_or_nothing(one_shell: InteractiveShell) -> None:
    from IPython.terminal.interactiveshell import TerminalInteractiveShell

    assert host_of(TerminalInteractiveShell.__new__(TerminalInteractiveShell)) is Host.TERMINAL
    assert host_of(one_shell) is Host.NONE
    assert host_of(None) is Host.NONE
    assert current_shell() is one_shell
    assert (Host.PAGE.is_page, Host.TERMINAL.is_attended, Host.HEADLESS.is_attended) == (True, True, False)


# -- sync -------------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh_loop() -> Iterator[None]:
    yield
    asyncio.set_event_loop(None)


@pytest.mark.usefixtures("fresh_loop")
def test_sync_waits_where_no_loop_runs() -> None:
    assert lg.sync(asyncio.sleep(0, "done")) == "done"


def test_sync_waits_for_a_handle_of_ours_by_its_own_wait() -> None:
    class Handle(Note):
        def wait(self) -> str:
            return "waited"

        def __await__(self) -> Any:
            raise AssertionError("awaited on the wrong loop")

    assert lg.sync(Handle("x")) == "waited"


@pytest.mark.parametrize(
    "step",
    [
        "lg_magics.ipython.completion.Completer.install",
        "lg_magics.ipython.display.Display._use_hook",
        "lg_magics.ipython.recorder.Recorder.install",
        "lg_magics.ipython.extension.turn_on_widgets",
    ],
)
def test_an_extension_whose_loading_was_interrupted_leaves_nothing_and_can_be_loaded(
    bare_shell: InteractiveShell, capsys: Shown, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    bare_shell.run_cell("1")
    before = inside(bare_shell)
    with monkeypatch.context() as patch:
        patch.setattr(step, stop)
        bare_shell.run_cell("%load_ext lg_magics")
    assert inside(bare_shell) == before
    capsys.readouterr()
    for line in ("%load_ext lg_magics", "%reload_ext lg_magics"):
        assert bare_shell.run_cell(line).success
        assert capsys.readouterr().out.startswith("lg_magics 0.1")
    bare_shell.run_cell("%unload_ext lg_magics")
    assert inside(bare_shell) == before


def test_the_cell_magic_that_serves_has_a_help_too(shell: InteractiveShell) -> None:
    assert shell.object_inspect("%%lg_serve")["found"]
