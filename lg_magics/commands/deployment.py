"""Commands of the deployment: the overview, connect, disconnect, status, defaults, tracebacks. Draws nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from lg_magics import errors
from lg_magics.actions.connect import (
    LOCAL,
    connect_local,
    connect_to,
    wants_local,
)
from lg_magics.actions.input_check import next_line
from lg_magics.errors import CommandError, DeploymentError, LgError, Unreachable
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.follow.waiting import seconds_to_wait
from lg_magics.grammar.kinds import Timeout
from lg_magics.grammar.parameters import AtLeast, AtMost, KeyValues, Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.model.cell import SESSION
from lg_magics.model.messages import shortened
from lg_magics.model.question_numbers import summary_of
from lg_magics.model.secrets import without_secrets
from lg_magics.resolve.assistants import assistant_name
from lg_magics.resolve.crons import crons_here, now_utc
from lg_magics.resolve.threads import note_of_live_run
from lg_magics.server.capabilities import lacking
from lg_magics.server.deployment import KEY_HEADER, headers_from, merged_headers
from lg_magics.server.settings import URL_VARIABLE
from lg_magics.server.traces import project_from_address
from lg_magics.session import Defaults, Session
from lg_magics.tables.facts import Facts

__all__ = ["connect", "debug", "disconnect", "home", "set_defaults", "status"]

T = TypeVar("T")
ONLY_OWN = "--port, --fresh, --allow-origin and --require-key"
ONLY_LOCAL = f"--config, --graph, {ONLY_OWN}"
LOG_HINT = "%lg_connect --log"
NAMED = 10
NOT_CONNECTED = (
    ("%lg_connect local", "start a deployment on this machine"),
    ("%lg_connect URL", "connect to yours"),
    ("%lg?", "all commands"),
)


@command("", group="Home")
def home(session: Session) -> Facts:
    """Show the connection, what is running or waiting, and what to type next.

    Example:
        %lg
    """
    if not session.is_connected:
        return Facts("lg_magics: not connected", (), NOT_CONNECTED)
    selection = session.selection
    facts = [("assistant", assistant_name(session, selection.assistant) or "none")]
    if selection.thread:
        thread = session.tracker.thread(selection.thread.id)
        facts.append(("thread", str(thread)))
        if selection.begins_thread:
            facts.append(("next run", "begins a new thread"))
        if note := note_of_live_run(session, thread.id):
            facts.append(("live", note))
    facts += [("batch", f"{each.id}: {each.counted}") for each in session.tracker.batches() if not each.is_settled]
    others = [run for run in session.tracker.runs() if not run.is_settled or run.is_waiting]
    facts += [("run", _line(run)) for run in others[-5:]]
    deployment = session.connection.deployment
    if left := session.crons.left(now_utc(), deployment.url):
        facts.append(("crons", f"{', '.join(made.shown for made in left)} of this session: %lg_crons --mine"))
    return Facts(
        f"Connected to {deployment.name}.",
        tuple(facts),
        _next_lines(session),
        chip="protected" if deployment.protect else "",
    )


@command("connect", group="Deployment")
def connect(
    session: Session,
    target: Annotated[str | None, Positional(completes="deployment", value="URL|NAME|local")] = None,
    *,
    assistant: Annotated[str | None, Option("-a", completes="assistant")] = None,
    api_key_env: Annotated[str | None, Option(value="VARIABLE")] = None,
    header: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    config: Annotated[str | None, Option(value="LANGGRAPH.JSON")] = None,
    graph: Annotated[str | None, Option(value="FILE.PY:GRAPH")] = None,
    timeout: Timeout = None,
    port: Annotated[int | None, Option(everyday=False), AtLeast(1), AtMost(65_535)] = None,
    allow_origin: Annotated[str | None, Option(value="ORIGIN", everyday=False)] = None,
    require_key: Annotated[bool, Option(everyday=False)] = False,
    fresh: bool = False,
    log: bool = False,
) -> Facts:
    """Connect to a LangGraph deployment, or start one on this machine.

    `local` starts the embedded in-memory server, or adopts the one that runs already: the demo deployment, or your own
    graphs by `--config` or `--graph`. It outlives a kernel restart and ends with the Jupyter server.

    Args:
        target: An address, a name from the settings, or `local`. Without one: LANGGRAPH_URL, or the settings' default.
        assistant: The first assistant to use.
        api_key_env: The environment variable that holds the deployment's key; with local, one that its custom auth requires.
        header: A header to send with each call, K=V or K:=$name; may be repeated. Its value is never shown.
        config: With local: serve the graphs of this langgraph.json.
        graph: With local: serve this one graph.
        timeout: Stop a call after this many seconds without progress; 30 by default, and 2 for the first call.
        port: With local: the port to serve on; a free one otherwise.
        allow_origin: With local: let web pages of this origin use the server, as https://smith.langchain.com for Studio.
        require_key: With local: refuse every client without the server's key, your own programs too.
        fresh: With local: stop the running server and start an empty one.
        log: Show the end of the log of the embedded server in use, and do not connect.

    Returns:
        The deployment, its assistants, and the current one.

    Raises:
        Unreachable: nothing answers within 2 s.
        LocalServerError: the embedded server, or a graph, cannot be started.
        SettingsError: no deployment has this name, or its settings are wrong.

    Example:
        %lg_connect local
    """
    own: dict[str, Any] = {"port": port, "fresh": fresh, "allow_origin": allow_origin, "require_key": require_key}
    is_local = bool(config or graph or any(own.values()))
    if log:
        if target not in (None, LOCAL) or assistant or api_key_env or header or timeout is not None or is_local:
            raise CommandError("--log takes no target and no other options.", hint=LOG_HINT)
        return _log(session)
    headers, timeout = headers_from(header), _checked_timeout(timeout)
    how: dict[str, Any] = {"headers": headers, "api_key_env": api_key_env, "timeout": timeout}
    if wants_local(session, target, own=bool(config or graph)):
        return connect_local(session, assistant, config=config, graph=graph, **own, **how)
    if is_local and target == LOCAL:
        raise CommandError(
            f"{ONLY_OWN} belong to the embedded server: in a headless runner, local is the deployment of {URL_VARIABLE}.",
            hint=f"Leave them out, or run without {URL_VARIABLE}.",
        )
    if is_local:
        raise CommandError(f"{ONLY_LOCAL} belong to the embedded server.", hint="%lg_connect local …")
    return connect_to(session, target, assistant, **how)


@command("disconnect", group="Deployment")
def disconnect(session: Session, *, stop: bool = False, force: bool = False) -> Facts:
    """Forget the deployment; its runs go on there.

    Args:
        stop: Also stop the embedded server. The next %lg_connect local in this Jupyter server has its data again, unless you give
            --fresh.
        force: With --stop: stop it even if another kernel uses it.

    Raises:
        LocalServerError: another kernel uses the embedded server.

    Example:
        %lg_disconnect --stop
    """
    from lg_magics import local

    if force and not stop:
        raise CommandError("--force belongs to --stop.", hint="%lg_disconnect --stop --force")
    name, server = session.connection.deployment.name, session.local
    live = _live_of_session(session, server.url) if server else []
    if stop and server is None:
        raise LgError(f"{name} is not an embedded server of this session: --stop cannot stop it.")
    if server is not None:
        if stop:
            local.stop(server, force=force)
            session.crons.gone_with_deployment(server.url)
        else:
            local.release(server)
    session.disconnect()
    goes_on = f" {len(live)} live run{'s' * (len(live) != 1)} of this session went with it." if live and stop else ""
    return Facts(f"{'Stopped' if stop else 'Disconnected from'} {name}.{goes_on}")


@command("status", group="Deployment")
def status(session: Session) -> Facts:
    """Show the deployment, its version and features, and the assistant, thread, defaults, live runs and crons.

    Returns:
        Facts; `.data` has the same for programs.

    Raises:
        NotConnected: there is no deployment yet.

    Example:
        %lg_status
    """
    connection, selection = session.connection, session.selection
    deployment, problem = connection.deployment, connection.problem()
    is_alive = not isinstance(problem, Unreachable)
    lacks = _lacks(session) if problem is None else sorted(connection.lacking)
    ignored = list(connection.capabilities.ignored) if connection.capabilities else []
    live = session.tracker.live()
    thread = session.tracker.thread(selection.thread.id) if selection.thread else None
    facts = [
        ("deployment", f"{deployment.name} at {connection.url}" + _answer_words(problem)),
        ("proxy", connection.shown_proxy),
        ("version", connection.info.version or "unknown"),
        ("can do", ", ".join(name for name, able in connection.info.flags.items() if able) or "unknown"),
        ("has no", ", ".join(lacks)),
        ("ignores", ", ".join(ignored)),
        ("protected", "writes require --yes" if deployment.protect else ""),
        ("key", f"from {source}" if (source := connection.key_source) else "none sent"),
        ("langsmith", session.langsmith),
        ("assistant", assistant_name(session, selection.assistant) or "none"),
        ("thread", f"{thread.shown} “{thread.title}”" if thread else "none"),
        ("next run", "begins a new thread" if selection.begins_thread else ""),
        ("defaults", ", ".join(selection.defaults.words()) or "none"),
        ("live runs", _live_words(live)),
        (
            "live batches",
            "; ".join(f"{each.id}: {each.counted}" for each in session.tracker.batches() if not each.is_settled),
        ),
        ("crons", _crons(session) if problem is None and "crons" not in lacks else ""),
    ]
    if session.local:
        facts.insert(1, ("embedded server", f"process {session.local.pid}, log in {session.local.log}"))
        if key_file := session.local.key_file:
            facts.insert(2, ("needs", f"the header {KEY_HEADER}, from {key_file}"))
    data = {
        "url": connection.url,
        "is_alive": is_alive,
        "is_protected": deployment.protect,
        "lacks": lacks,
        "ignores": ignored,
        "assistant": selection.assistant,
        "live": [run.run_id for run in live],
        "crons": [made.id for made in session.crons.left(now_utc(), connection.url)],
    }
    return Facts(
        "Status",
        tuple((label, words) for label, words in facts if words),
        warning=problem.message if problem else "",
        data=data,
        chip="protected" if deployment.protect else "",
    )


@command("set", group="Deployment")
def set_defaults(
    session: Session,
    /,
    *,
    context: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    metadata: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    header: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    card: Literal["rows", "compact"] | None = None,
    langsmith: Annotated[str | None, Option(value="URL")] = None,
    clear: bool = False,
    **values: Annotated[object, KeyValues(value="K=V")],
) -> Facts:
    """Set defaults for every run of this session: configurable values, and context, metadata, headers.

    Args:
        context: A value of the context, K=V; may be repeated.
        metadata: Metadata for each run, K=V.
        header: A header for each run, K=V; its value is never shown.
        card: How cards show steps from the next run on: a row for each, or all on one line.
        langsmith: The address of the LangSmith project that this deployment traces to; the cards of traced runs link to it.
            An empty one, "", is removed.
        clear: Remove all defaults first.
        values: Configurable values, as user_id=Test; n:=3 is a number. An empty one, user_id=, is removed.

    Returns:
        The defaults now in force.

    Example:
        %lg_set user_id=Test todo_category=general
    """
    before = Defaults() if clear else session.selection.defaults
    defaults = Defaults(
        _updated(before.configurable, values),
        _updated(before.context, context),
        _updated(before.metadata, metadata),
        _without_empty(merged_headers(before.headers, headers_from(header))),
        before.from_settings - values.keys(),
    )
    project = project_from_address(langsmith or "")
    if card is not None or clear:
        session.select(card=card or "rows")
    if langsmith is not None or clear:
        session.select(langsmith=project)
    session.select(defaults=defaults)
    kinds = {"configurable": defaults.configurable, "context": defaults.context, "metadata": defaults.metadata}
    facts = [(name, without_secrets(pairs)) for name, pairs in kinds.items()]
    shown = [(name, ", ".join(f"{key}={value}" for key, value in pairs.items())) for name, pairs in facts if pairs]
    if defaults.headers:
        shown.append(("headers", ", ".join(defaults.headers)))
    if session.selection.card != "rows":
        shown.append(("card", session.selection.card))
    if session.langsmith:
        shown.append(("langsmith", session.langsmith))
    return Facts("Defaults for every run" if shown else "No defaults.", tuple(shown), data=dict(facts))


@command("debug", group="Deployment")
def debug(session: Session, switch: Literal["on", "off", ""] = "") -> Facts:
    """Show whole tracebacks of errors (on), or one line (off).

    Args:
        switch: on or off; without it, what is set.

    Example:
        %lg_debug on
    """
    if switch:
        errors.show_whole_tracebacks(switch == "on")
    return Facts(f"Errors show {'the whole traceback' if errors.shows_whole_tracebacks() else 'one line'}.")


# -- the overview ---------------------------------------------------------------------------------------------------


def _line(run: Run) -> str:
    """A live or waiting run on one line; with its thread and question if it waits."""
    line = f"{run.number} {run.status} on {run.info.assistant}"
    if not run.is_waiting:
        return line
    asked = shortened(summary_of(run.interrupts) or "at a breakpoint")
    return f"{line}, {run.info.thread.number}: {asked}"


def _next_lines(session: Session) -> tuple[tuple[str, str], ...]:
    live = session.tracker.live()
    if waiting := [run for run in session.tracker.runs() if run.is_waiting]:
        first = (f"%lg_resume -t {waiting[-1].info.thread.number}", "answer it; %lg_inbox lists all that waits")
    elif live:
        first = (f"%lg_wait {live[-1].number}", "wait for it")
    else:
        first = next_line(session)
    second = (
        ("%lg_messages", "read the conversation")
        if session.selection.thread
        else ("%lg_threads", "which threads there are")
    )
    return (first, second, ("%lg?", "all commands; %lg_run? is the help of one"))


def _checked_timeout(timeout: float | None) -> float | None:
    seconds = seconds_to_wait(timeout)
    if seconds == 0:
        raise CommandError("timeout must be > 0 seconds, got 0.")
    return seconds


def _log(session: Session) -> Facts:
    from lg_magics import local

    if session.local is None:
        raise LgError("This session uses no embedded server.", hint="%lg_connect local starts one.")
    return Facts("The end of the embedded server's log", (("log", local.log_tail(session.local)),))


# -- the status -----------------------------------------------------------------------------------------------------


def _live_of_session(session: Session, url: str) -> list[Run]:
    """The live runs that this session launched on the deployment at this address."""
    live = session.tracker.live()
    return [run for run in live if run.info.session == session.id and tracked(run).connection.url == url]


def _answer_words(problem: DeploymentError | None) -> str:
    """Why the deployment cannot be used now, behind its address; "" if it can."""
    if isinstance(problem, Unreachable):
        return " (does not answer)"
    return f" (answers {problem.status_code or 'something else'})" if problem else ""


def _lacks(session: Session) -> list[str]:
    """The features that the deployment lacks, in words; the known ones if it does not answer now."""
    try:
        return lacking(session.connection)
    except DeploymentError:
        return sorted(session.connection.lacking)


def _live_words(live: Sequence[Run]) -> str:
    """Each run with its status; for many runs, the number in each status."""
    if len(live) <= NAMED:
        return ", ".join(f"{run.number} {run.status}" for run in live) or "none"
    counted = Counter(run.status for run in live)
    return f"{len(live):,}: " + ", ".join(f"{count:,} {word}" for word, count in counted.items())


def _crons(session: Session) -> str:
    """The crons that this session made and that go on, as the deployment has them now."""
    if not session.crons.left(now_utc(), session.connection.url):
        return "none of this session"
    try:
        crons_here(session, metadata={SESSION: session.id})
    except DeploymentError as problem:
        return problem.message
    made = session.crons.left(now_utc(), session.connection.url)
    if not made:
        return "none of this session"
    if len(made) > NAMED:
        return f"{len(made):,} of this session: %lg_crons --mine"
    return "; ".join(f"{each.shown}: {each.words}" for each in made)


# -- defaults -------------------------------------------------------------------------------------------------------


def _updated(before: Mapping[str, Any], changes: Mapping[str, object] | None) -> dict[str, Any]:
    return _without_empty({**before, **(changes or {})})


def _without_empty(values: Mapping[str, T]) -> dict[str, T]:
    """Leave out empty texts. Another value may be compared only with its own kind, as a frame."""
    return {key: value for key, value in values.items() if not (isinstance(value, str) and value == "")}
