"""Compares a run's tool calls with a file that `run.freeze` wrote. Draws nothing."""

from __future__ import annotations

import os
from typing import Annotated

from lg_magics.errors import CheckFailed, CommandError, type_phrase
from lg_magics.files import text_of_file
from lg_magics.follow.golden import golden_of_run
from lg_magics.follow.run import Run
from lg_magics.grammar.parameters import Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.model.golden import Order, difference, golden_from_text
from lg_magics.resolve.threads import which_run
from lg_magics.session import Session

__all__ = ["check"]


@command("check", group="Runs")
def check(
    session: Session,
    run: Annotated[object, Positional(completes="run", value="RUN")],
    file: Annotated[object, Positional(completes="file", value="FILE")],
    *,
    order: Order = "strict",
    ignore: Annotated[str | None, Option(value="ARG,TOOL.ARG")] = None,
) -> Run:
    """Check that a run calls the tools of a file of `run.freeze("golden.json")`, with the same arguments, in the same order.

    Texts are not compared. A mismatch is a one-line error, and an assertion error for pytest. It waits for the run.

    Args:
        run: The run: its handle, number or id.
        file: The file.
        order: strict: exactly these calls in this order; unordered: exactly these calls; subset: at least these, in this order.
        ignore: Arguments that may differ, as body or send_mail.body, separated by commas.

    Returns:
        The run.

    Raises:
        CheckFailed: the run's tool calls differ.
        CommandError: the file was not written by `run.freeze`.

    Example:
        %lg_check $run golden.json --order subset
    """
    if not isinstance(file, str | os.PathLike):
        raise CommandError(
            f"A file name is needed, not {type_phrase(file)}.", hint='run.freeze("golden.json") writes one.'
        )
    if run is None:
        raise CommandError("A run is needed, got None.", hint="%lg_check $run golden.json")
    found = run if isinstance(run, Run) else which_run(session, run)
    path = os.fspath(file)
    wanted = golden_from_text(text_of_file(path), path)
    names = [name for each in (ignore or "").split(",") if (name := each.strip())]
    if problem := difference(wanted, golden_of_run(found), order, names):
        raise CheckFailed(
            f"The run does not do what {os.path.basename(path)} says: {problem}.",
            hint=f'If it should do that: run.freeze("{path}").',
        )
    return found
