"""Checks the installation and the deployment, one line for each check, with a remedy. Changes nothing; draws nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from lg_magics import __version__
from lg_magics.commands.runs import run as launch_run
from lg_magics.errors import (
    AccessDenied,
    CommandError,
    DeploymentError,
    LgError,
    NotFound,
    UnknownReference,
    Unreachable,
    Unsupported,
)
from lg_magics.grammar.parameters import Option, Tail
from lg_magics.grammar.registry import command
from lg_magics.model.environment import Environment
from lg_magics.model.records import AssistantRecord
from lg_magics.server.connection import Connection
from lg_magics.server.errors import is_away
from lg_magics.session import Session
from lg_magics.tables.table import Column, Table

__all__ = ["doctor"]

RELOAD = "Load the page again (F5)."
MOST_GRAPHS = 20
SECONDS_OF_A_RUN = 60.0
COLUMNS = (
    Column("check"),
    Column("result"),
    Column("found", "sentence"),
    Column("what_to_do", "sentence", heading="what to do"),
)
NOT_ALLOWED = 403

CheckResult = Literal["ok", "problem", "not checked"]


@dataclass(frozen=True, slots=True)
class _Check:
    name: str
    result: CheckResult
    found: str
    what_to_do: str = ""

    @property
    def row(self) -> tuple[str, str, str, str]:
        return self.name, self.result, self.found, self.what_to_do


NO_RUN = _Check("one run", "not checked", "A run may cost money.", "%lg_doctor --run TEXT launches one.")


@command("doctor", group="Home")
def doctor(
    session: Session,
    text: Annotated[str | None, Tail(value="TEXT")] = None,
    *,
    run: bool = False,
    assistant: Annotated[str | None, Option("-a", value="NAME", completes="assistant")] = None,
) -> Table:
    """Check what lg_magics needs: kernel, extension, front end, trust, deployment, key, graphs, one run.

    It changes nothing. Only --run launches something: a stateless run, which leaves no thread.

    Args:
        text: With --run: the message of the run.
        run: Launch one run, and wait up to 60 s for its end. Without a text its input is empty.
        assistant: With --run: the assistant to run; the current one otherwise.

    Returns:
        A table with one row per check: its result, and what to do about a problem. `.df` is a pandas frame.

    Raises:
        CommandError: a text or an assistant without --run. UnknownReference, NotFound: no such assistant.

    Example:
        %lg_doctor
    """
    if not run and (text is not None or assistant is not None):
        raise CommandError("TEXT and --assistant require --run.", hint="%lg_doctor --run -a agent hello")
    surroundings = session.environment()
    checks = [
        _kernel(surroundings),
        _extension(surroundings),
        _front_end(surroundings),
        _trust(surroundings),
        *_of_deployment(session, assistant, text, is_run=run),
    ]
    problems = sum(check.result == "problem" for check in checks)
    note = "" if not problems else "1 problem." if problems == 1 else f"{problems} problems."
    return Table("check", COLUMNS, tuple(check.row for check in checks), total=len(checks), note=note)


def _kernel(around: Environment) -> _Check:
    if not around.kernel:
        return _Check("kernel", "not checked", f"Python {around.python}, no Jupyter kernel".strip())
    found = f"ipykernel {around.kernel}, Python {around.python}"
    if around.has_subshells:
        return _Check("kernel", "ok", found)
    cure = "%pip install -U 'ipykernel>=7.1', then restart the kernel."
    return _Check("kernel", "problem", f"{found}: buttons wait until the running cell has ended.", cure)


def _extension(around: Environment) -> _Check:
    if not around.is_loaded:
        return _Check("extension", "problem", "lg_magics is not loaded in this shell.", "%load_ext lg_magics")
    if around.missing:
        packages = " ".join(around.missing)
        return _Check("extension", "problem", f"Not installed: {packages}.", f"%pip install {packages}")
    return _Check("extension", "ok", f"lg_magics {__version__} is loaded.")


def _front_end(around: Environment) -> _Check:
    if around.host != "page":
        named = {"headless": "a runner without a page", "terminal": "a terminal", "none": "no notebook"}[around.host]
        return _Check("front end", "not checked", f"{named}: results are text.")
    if around.other_page:
        return _Check("front end", "ok", f"{around.other_page} shows cards; the side panel needs JupyterLab.")
    if around.plugin_answers:
        return _Check("front end", "ok", "The lg_magics extension of JupyterLab answers.")
    if around.plugin and around.plugin != __version__:
        found = f"The installed extension is {around.plugin}, the package {__version__}."
        return _Check("front end", "problem", found, f"Install both in one environment. {RELOAD}")
    if around.plugin:
        return _Check(
            "front end",
            "problem",
            "The extension is installed, but the page does not answer.",
            "Load the page again (F5).",
        )
    found = "No extension of JupyterLab answers: cards work, the side panel and reattachment do not."
    return _Check("front end", "problem", found, "Install lg-magics where JupyterLab runs, then restart JupyterLab.")


def _trust(around: Environment) -> _Check:
    if around.is_trusted is None:
        return _Check("trust", "not checked", "The notebook's file is not known here.")
    if around.is_trusted:
        return _Check("trust", "ok", "The saved notebook is trusted.")
    return _Check(
        "trust",
        "problem",
        "The saved notebook is not trusted: after F5 its cards have no buttons.",
        "Save the notebook, or File → Trust Notebook.",
    )


def _of_deployment(session: Session, assistant: str | None, text: str | None, *, is_run: bool) -> Iterator[_Check]:
    if not session.is_connected:
        yield _Check("deployment", "problem", "Not connected.", "%lg_connect local, or %lg_connect URL")
        yield from _not_checked("Needs a deployment.", "key", "graphs", "one run")
        return
    connection = session.connection
    version = f", version {connection.info.version}" if connection.info.version else ""
    answers = _Check("deployment", "ok", f"{connection.url} answers{version}.")
    try:
        assistants = connection.assistants.all()
    except AccessDenied as problem:
        yield answers
        yield _refused_key(connection, problem)
        yield from _not_checked("Needs access to the deployment.", "graphs", "one run")
    except Unsupported as problem:
        yield answers
        yield from _not_checked(problem.message, "key", "graphs")
        yield _one_run(session, assistant, text) if is_run else NO_RUN
    except LgError as problem:
        is_silent = isinstance(problem, Unreachable)
        why = "The deployment does not answer." if is_silent else "The deployment does not list its assistants."
        otherwise = (
            "Start it, then %lg_connect again." if is_silent else "The log of the deployment may have the reason."
        )
        yield _Check("deployment", "problem", problem.message, problem.hint or otherwise)
        yield from _not_checked(why, "key", "graphs", "one run")
    else:
        yield answers
        sent = _what_is_sent(connection)
        found = f"{sent} accepted." if sent else "No key is sent, and none is needed."
        yield _Check("key", "ok", found + _unusable_keys(connection))
        yield _graphs(session, assistants)
        yield _one_run(session, assistant, text) if is_run else NO_RUN


def _what_is_sent(connection: Connection) -> str:
    """What may identify the user, with a verb: `The key from MY_KEY is`, `The header Authorization is`; "" if nothing is sent."""
    if connection.key_source:
        return f"The key from {connection.key_source} is"
    names = connection.deployment.header_names
    return (
        f"No key is sent; the header{'s' * (len(names) > 1)} {', '.join(names)} {'are' if len(names) > 1 else 'is'}"
        if names
        else ""
    )


def _unusable_keys(connection: Connection) -> str:
    """A sentence for each key in the environment that cannot be sent; "" without any."""
    return "".join(
        f" The key in {name} {why}: it is not used." for name, why in connection.deployment.unusable_keys.items()
    )


def _refused_key(connection: Connection, problem: AccessDenied) -> _Check:
    sent = _what_is_sent(connection)
    if sent and problem.status_code == NOT_ALLOWED:
        return _Check("key", "problem", f"{sent} not allowed to list the assistants.", problem.hint)
    found = f"{sent} refused." if sent else "A key is needed, and none is sent."
    found += _unusable_keys(connection)
    other = ", or --header NAME=VALUE" if sent and not connection.key_source else ""
    return _Check("key", "problem", found, f"%lg_connect URL --api-key-env VARIABLE{other}")


def _not_checked(why: str, *names: str) -> Iterator[_Check]:
    for name in names:
        yield _Check(name, "not checked", why)


def _graphs(session: Session, assistants: Sequence[AssistantRecord]) -> _Check:
    """Check whether each graph can be loaded, by a request for its schemas."""
    by_graph = {row.graph_id: row.assistant_id for row in assistants}
    if not by_graph:
        return _Check("graphs", "problem", "The deployment has no graph.", "%lg_serve serves a graph of this notebook.")
    names = list(by_graph)[:MOST_GRAPHS]
    broken: list[str] = []
    unknown: dict[str, str] = {}
    for graph in names:
        try:
            session.connection.assistants.schemas(by_graph[graph], graph)
        except (AccessDenied, Unsupported) as problem:
            unknown[graph] = problem.message
        except DeploymentError as problem:
            if is_away(problem):
                return _Check("graphs", "not checked", problem.message, problem.hint)
            broken.append(f"{graph}: {problem.message}")
    if broken:
        return _Check("graphs", "problem", "; ".join(broken), "Correct the graph, then %lg_connect again.")
    loaded = [name for name in names if name not in unknown]
    if not loaded:
        return _Check("graphs", "not checked", next(iter(unknown.values())))
    few = f"The first {len(names)} of {len(by_graph)} load" if len(names) < len(by_graph) else f"All {len(names)} load"
    few = f"{len(loaded)} of {len(by_graph)} load" if unknown else few
    return _Check("graphs", "ok", f"{few}: {', '.join(loaded)}.")


def _one_run(session: Session, assistant: str | None, text: str | None) -> _Check:
    value: object = {} if text is None else None
    try:
        ended = launch_run(
            session,
            text,
            input=value,
            assistant=assistant,
            stateless=True,
            card=False,
            wait=True,
            timeout=SECONDS_OF_A_RUN,
        )
    except (NotFound, UnknownReference):
        raise  # a name that was typed, and no fault of the set-up
    except LgError as problem:
        return _Check("one run", "problem", str(problem.message), str(problem.hint or ""))
    return _Check("one run", "ok", f"{ended.number} of {ended.info.assistant} ended: {ended.status}.")
