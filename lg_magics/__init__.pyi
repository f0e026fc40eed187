"""LangGraph in a notebook: each command as a function, with its types. Generated; `make docs` writes it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal, overload

from langgraph.pregel.remote import RemoteGraph

from lg_magics import errors as errors
from lg_magics.errors import AccessDenied as AccessDenied
from lg_magics.errors import AlreadyEnded as AlreadyEnded
from lg_magics.errors import CheckFailed as CheckFailed
from lg_magics.errors import CommandError as CommandError
from lg_magics.errors import ComparisonFailed as ComparisonFailed
from lg_magics.errors import Conflict as Conflict
from lg_magics.errors import DeploymentError as DeploymentError
from lg_magics.errors import InvalidRequest as InvalidRequest
from lg_magics.errors import LaunchInterrupted as LaunchInterrupted
from lg_magics.errors import LgError as LgError
from lg_magics.errors import LoadInterrupted as LoadInterrupted
from lg_magics.errors import LocalServerError as LocalServerError
from lg_magics.errors import NotConnected as NotConnected
from lg_magics.errors import NotFound as NotFound
from lg_magics.errors import ReadInterrupted as ReadInterrupted
from lg_magics.errors import RunDeleted as RunDeleted
from lg_magics.errors import RunError as RunError
from lg_magics.errors import RunFailed as RunFailed
from lg_magics.errors import RunTimedOut as RunTimedOut
from lg_magics.errors import SettingsError as SettingsError
from lg_magics.errors import UnexpectedResponse as UnexpectedResponse
from lg_magics.errors import UnknownReference as UnknownReference
from lg_magics.errors import Unreachable as Unreachable
from lg_magics.errors import Unsupported as Unsupported
from lg_magics.errors import WaitInterrupted as WaitInterrupted
from lg_magics.errors import WaitTimedOut as WaitTimedOut
from lg_magics.errors import WriteInterrupted as WriteInterrupted
from lg_magics.follow.batch import Batch
from lg_magics.follow.run import Run
from lg_magics.ipython.current import current as current
from lg_magics.ipython.functions import client as client
from lg_magics.ipython.functions import sync as sync
from lg_magics.ipython.functions import temporary_cron as temporary_cron
from lg_magics.tables.compare import Compared
from lg_magics.tables.conversation import Conversation
from lg_magics.tables.crons import Cron
from lg_magics.tables.diff import Diff
from lg_magics.tables.facts import Facts
from lg_magics.tables.graph import Graph
from lg_magics.tables.history import History
from lg_magics.tables.schemas import Schemas
from lg_magics.tables.state import State
from lg_magics.tables.store import Export, Item, Items
from lg_magics.tables.table import Table
from lg_magics.tables.thread import Thread

__version__: str
prices: dict[str, tuple[float, float]]

def load_ipython_extension(shell: Any) -> None: ...
def unload_ipython_extension(shell: Any) -> None: ...
def home() -> Facts:
    """Show the connection, what is running or waiting, and what to type next.

    Example:
        %lg
    """

def connect(
    target: str | None = None,
    *,
    assistant: str | None = None,
    api_key_env: str | None = None,
    header: Mapping[str, object] | None = None,
    config: str | None = None,
    graph: str | None = None,
    timeout: float | None = None,
    port: int | None = None,
    allow_origin: str | None = None,
    require_key: bool = False,
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

def disconnect(*, stop: bool = False, force: bool = False) -> Facts:
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

def serve(
    graph: object = None, *, name: str | None = None, save: str | None = None, diff: bool = False, cell: bool = False
) -> Facts:
    """Serve a graph that is defined in this notebook, on the embedded server.

    The executed statements that the graph depends on are written to a file, which the server imports. The next run uses it; live
    runs end on the version on which they began; threads and store are kept. `%%lg_serve` at the top of a cell runs the cell and
    serves the graph that it defines. Edit the cell and run it again to serve a new version.

    Args:
        graph: The graph: its name, $name, or an expression; the cell's, or the one served last, otherwise. A compiled graph, a
            builder, an agent, an entrypoint or a factory.
        name: Its name on the server; its name in the notebook otherwise. Also confirms that it replaces another graph.
        save: Write a project into this folder instead, for `langgraph dev`, `build`, `up` and `deploy`. An existing project keeps
            its settings and lines.
        diff: Show what a new version would change instead.
        cell: Serve the graph that this cell defines; `%%lg_serve` sets it.

    Returns:
        The version, and the cells that it consists of.

    Raises:
        CommandError: there is no such graph, or the name cannot be used.
        LocalServerError: the graph cannot be imported, or needs an object that only this kernel has. The version before stays.

    Example:
        %lg_serve graph
    """

def status() -> Facts:
    """Show the deployment, its version and features, and the assistant, thread, defaults, live runs and crons.

    Returns:
        Facts; `.data` has the same for programs.

    Raises:
        NotConnected: there is no deployment yet.

    Example:
        %lg_status
    """

def doctor(text: str | None = None, *, run: bool = False, assistant: str | None = None) -> Table:
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

def set(
    *,
    context: Mapping[str, object] | None = None,
    metadata: Mapping[str, object] | None = None,
    header: Mapping[str, object] | None = None,
    card: Literal["rows", "compact"] | None = None,
    langsmith: str | None = None,
    clear: bool = False,
    **values: object,
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

def assistants(
    *,
    graph: str | None = None,
    name: str | None = None,
    metadata: Mapping[str, object] | None = None,
    limit: int = 100,
    offset: int = 0,
    all: bool = False,
) -> Table:
    """List the deployment's assistants.

    Args:
        graph: Only those of this graph.
        name: Only those with this text in their name.
        metadata: Only those with this metadata, as k=v; may be repeated.
        limit: Show at most so many.
        offset: Skip so many first.
        all: All of them, regardless of --limit.

    Returns:
        A table with name, graph, version, config and context; `.df` also has metadata and id.

    Example:
        %lg_assistants
    """

class _Assistant:
    def __call__(self, assistant: str | None = None) -> Facts:
        """Show an assistant's details.

        Args:
            assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.

        Returns:
            Facts; `.data` is the server's row.

        Example:
            %lg_assistant show agent
        """
    def use(self, name: str) -> Facts:
        """Make an assistant the current one: runs use it from now on.

        A thread keeps its graph: if the current thread has another one, the next run begins a new thread.

        Args:
            name: Its name, its graph's name, or its id.

        Raises:
            UnknownReference: there is no such assistant.

        Example:
            %lg_assistant use agent
        """
    def show(self, assistant: str | None = None) -> Facts:
        """Show an assistant's details.

        Args:
            assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.

        Returns:
            Facts; `.data` is the server's row.

        Example:
            %lg_assistant show agent
        """
    def create(
        self,
        graph: str,
        *,
        name: str,
        configurable: Mapping[str, object] | None = None,
        context: Mapping[str, object] | None = None,
        config: Mapping[str, object] | None = None,
        description: str | None = None,
        metadata: Mapping[str, object] | None = None,
        id: str | None = None,
        or_update: bool = False,
        if_exists: Literal["raise", "do_nothing"] | None = None,
        yes: bool = False,
    ) -> Facts:
        """Create an assistant: a graph under a name of its own, with settings for each of its runs.

        Args:
            graph: Which graph.
            name: Its name; no other assistant may have it.
            configurable: A configurable value, as user_id=Test or n:=3; may be repeated. An empty one, user_id=, is left out.
            context: A value of the context, K=V or $mapping; the server keeps it for configurable values too.
            config: A whole config, {"configurable": …, "tags": …, "recursion_limit": …}.
            description: A description.
            metadata: Metadata of it, K=V; may be repeated.
            id: An id of your own, a UUID.
            or_update: If an assistant has this name, merge these settings into it, so that "Run all" can run the line again.
            if_exists: What to do if an assistant has this name or id: raise an error, or do_nothing, which leaves it as it is.
            yes: Also allow it on a protected deployment.

        Returns:
            The new assistant; `.data` is the server's row.

        Raises:
            Conflict: an assistant has this name. NotFound: no such graph.

        Example:
            %lg_assistant create agent --name german -c language=de
        """
    def update(
        self,
        assistant: str | None = None,
        *,
        configurable: Mapping[str, object] | None = None,
        context: Mapping[str, object] | None = None,
        config: Mapping[str, object] | None = None,
        name: str | None = None,
        description: str | None = None,
        metadata: Mapping[str, object] | None = None,
        graph: str | None = None,
        merge: bool = False,
        replace: bool = False,
        yes: bool = False,
    ) -> Facts:
        """Change an assistant: this makes a new version of it.

        The given values are merged into its config and context (the server alone would replace them). --replace replaces both
        instead. The server always merges metadata.

        Args:
            assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.
            configurable: A configurable value, as user_id=Test or n:=3; an empty one, user_id=, is removed.
            context: A value of the context, K=V or $mapping; the server keeps it for configurable values too.
            config: A whole config, {"configurable": …, "tags": …, "recursion_limit": …}.
            name: A new name.
            description: A new description; "" removes it.
            metadata: Metadata to add, K=V; may be repeated.
            graph: Another graph.
            merge: Keep the other values of its config and context; this is the default.
            replace: Replace its whole config and context by the given values.
            yes: Also allow it on a protected deployment.

        Returns:
            What changed, and from which version to which; `.data` is the server's row.

        Raises:
            UnknownReference: no such assistant. CommandError: nothing to change, or values that cannot go together.

        Example:
            %lg_assistant update german -c language=fr --merge
        """
    def versions(self, assistant: str | None = None, *, limit: int = 20, offset: int = 0, all: bool = False) -> Table:
        """List an assistant's versions, newest first, each with what it changed.

        Args:
            assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.
            limit: Show at most so many.
            offset: Skip so many first.
            all: All of them, regardless of --limit.

        Returns:
            A table with version, config and context, what changed and when; the version in force is marked.

        Example:
            %lg_assistant versions agent
        """
    def use_version(self, version: int, assistant: str | None = None, *, yes: bool = False) -> Facts:
        """Activate another version of an assistant.

        The server alone restores a version's config but not its context or graph, so that runs mix two versions. If these differ,
        the version's whole content is saved again, as the newest version.

        Args:
            version: Its number.
            assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.
            yes: Also allow it on a protected deployment.

        Returns:
            Which version is in force now; `.data` is the server's row.

        Raises:
            NotFound: the assistant has no such version.

        Example:
            %lg_assistant use-version 1 agent
        """
    def delete(self, assistant: str, *, force: bool = False, delete_threads: bool = False, yes: bool = False) -> Facts:
        """Delete an assistant with all its versions. Its threads and their runs stay, unless --delete-threads names them too.

        With --delete-threads, it shows the number of threads, and deletes them and the assistant with --yes.

        Args:
            assistant: Its name or id, or a part of the id.
            delete_threads: Also delete the threads that it ran on last, with everything on them. Their live runs are cancelled.
            force: Also delete the system's own assistant; then no assistant has its graph's name.
            yes: Delete the threads; also allow it on a protected deployment.

        Returns:
            What was deleted; `.data` is the server's row. Before --yes, `.data["thread_ids"]` are the threads.

        Raises:
            UnknownReference: no such assistant. LgError: it is the system's own.

        Example:
            %lg_assistant delete german
        """

assistant: _Assistant

@overload
def schemas(assistant: str | None = None, *, subgraphs: Literal[False] = False) -> Schemas:
    """Show the schemas of an assistant: input, output, state, config and context, field by field.

    Args:
        assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.
        subgraphs: The schemas of its graph's subgraphs, by their namespace.

    Returns:
        Tables `.input`, `.output`, `.state`, `.config`, `.context`; `.df` has all, `.raw` the JSON Schemas themselves.

    Raises:
        UnknownReference: no such assistant.

    Example:
        %lg_schemas agent
    """

@overload
def schemas(assistant: str | None = None, *, subgraphs: Literal[True]) -> Table: ...
@overload
def schemas(assistant: str | None = None, *, subgraphs: bool = False) -> Schemas | Table: ...
def graph(assistant: str | None = None, *, xray: bool | int | None = None, run: object = None) -> Graph:
    """Draw an assistant's graph; conditional edges are dashed.

    Args:
        assistant: Its name, its graph's name, its id or a part of it; the run's, or the current one, otherwise.
        xray: Also draw the inside of subgraphs, as with --run; --xray 1 draws one level of them, --no-xray none.
        run: Color the steps and edges of a run, and show how long each node took: r7, $run, last, an id.

    Returns:
        The graph, with a note on nodes that LangGraph does not connect: `.mermaid` is its source, `.nodes` and `.edges` are
            tables, `.df` a frame of the nodes.

    Raises:
        UnknownReference: no such assistant or run.

    Example:
        %lg_graph agent
    """

def remote_graph(assistant: str | None = None, *, thread: str | None = None, stateless: bool = False) -> RemoteGraph:
    """Return langgraph's RemoteGraph of an assistant, to call it like a graph of your own, or to use it as a node.

    It runs on the current thread, with this session's defaults and the key and headers of this connection. Its runs are not
    followed: they have no number and no card, and its errors are langgraph's.

    Args:
        assistant: Its name, its graph's name, its id or a part of it. Otherwise the current one; on a thread, one of the
            thread's graph, as with %lg_run.
        thread: The thread that it runs on; the current one otherwise, and none if there is none.
        stateless: Without a thread.

    Returns:
        `.invoke(…)`, `.stream(…)`, `.get_state(…)`, `.get_graph().draw_mermaid()`; async with an `a` before the name.

    Raises:
        LgError: langgraph is not installed. UnknownReference: no such assistant or thread.

    Example:
        %lg_remote_graph agent --stateless -o remote
    """

def threads(
    *,
    status: Literal["idle", "pending", "running", "waiting", "cancelled", "error", "timeout"] | None = None,
    metadata: Mapping[str, object] | None = None,
    values: Mapping[str, object] | None = None,
    ids: object = None,
    since: str | date | datetime | timedelta | None = None,
    sort: Literal["updated_at", "created_at", "status", "thread_id"] = "updated_at",
    order: Literal["asc", "desc"] = "desc",
    extract: Mapping[str, object] | None = None,
    limit: int = 10,
    offset: int = 0,
    all: bool = False,
    open: bool = False,
) -> Table:
    """List the deployment's threads, the newest change first.

    Args:
        status: Only those that are idle, pending, running, waiting (for a person), cancelled, error or timeout, by the status of
            the newest run. With error and timeout, a column has the error.
        metadata: Only those with this metadata, as k=v; may be repeated.
        values: Only those whose state has this, as k=v or k:=JSON; may be repeated.
        ids: Only these: a list, a table or a frame.
        since: Only those that have changed since then: 7d (ago), or a date; also a $date or $datetime.
        sort: The field to sort by.
        order: The largest or newest first (desc), or last (asc).
        extract: One more column, as last=values.messages[-1].content; may be repeated.
        limit: Show at most so many.
        offset: Skip so many first.
        all: All of them, regardless of --limit.
        open: On a page: choose a row, and use, copy or delete the thread there; Close leaves the table.

    Returns:
        A table with each thread's number, title and status; `.df` is a pandas frame.

    Raises:
        Unsupported: the deployment does not know one of these options.

    Example:
        %lg_threads --status waiting
    """

class _Thread:
    def __call__(self, thread: str | None = None) -> Facts:
        """Show a thread's details: also its error, its size, and when the deployment deletes it.

        Args:
            thread: t2, a name, an id or a part of one, last; the current one otherwise.

        Example:
            %lg_thread show
        """
    def new(
        self,
        *,
        title: str | None = None,
        metadata: Mapping[str, object] | None = None,
        id: str | None = None,
        graph: str | None = None,
        supersteps: object = None,
        ttl: float | str | timedelta | None = None,
    ) -> Thread:
        """Create a thread, and make it the current one.

        Args:
            title: Its name; its first human message otherwise.
            metadata: Metadata, as k=v; may be repeated.
            id: An id of your own, a UUID.
            graph: Its graph, so that its state can be written before the first run.
            supersteps: A history to begin with: [{"updates": [{"values": …, "as_node": "__start__"}]}]; requires --graph.
            ttl: Delete it after so long: 7d, or a number of minutes. Each run on it restarts this time.

        Raises:
            Conflict: a thread has this id already. InvalidRequest: the id is not a UUID, or the history does not fit.

        Example:
            %lg_thread new
        """
    def use(self, thread: str, *, create: bool = False) -> Thread:
        """Make a thread the current one: runs use it from now on.

        Args:
            thread: t2, a name, an id or a part of one, last.
            create: Create it under this name if there is none, so that "Run all" uses the same thread again.

        Raises:
            UnknownReference: no match, or more than one match, for this name.

        Example:
            %lg_thread use trip --create
        """
    def show(self, thread: str | None = None) -> Facts:
        """Show a thread's details: also its error, its size, and when the deployment deletes it.

        Args:
            thread: t2, a name, an id or a part of one, last; the current one otherwise.

        Example:
            %lg_thread show
        """
    @overload
    def copy(self, thread: str | None = None, *, from_: str | None = None, to: None = None) -> Thread:
        """Copy a thread with its history. The copy is independent; the current thread does not change.

        From or to another deployment, the steps that led to its state are written again there, so it must have the graph. A
        message that was sent without an id gets another one. A warning states how the state of the copy differs. `local` is the
        embedded server that this session used last.

        Args:
            thread: Which thread; the current one otherwise. With --from, its whole id.
            from_: Copy it from that deployment, an address or a name of the settings; the copy becomes the current thread.
            to: Copy it to that deployment.

        Returns:
            The copy.

        Raises:
            NotFound: no such thread. InvalidRequest: the other deployment does not take its history.

        Example:
            %lg_thread copy t1
        """
    @overload
    def copy(self, thread: str | None = None, *, from_: str | None = None, to: str) -> Facts: ...
    @overload
    def copy(self, thread: str | None = None, *, from_: str | None = None, to: str | None = None) -> Thread | Facts: ...
    def rename(self, name: str, *, thread: str | None = None, yes: bool = False) -> Thread:
        """Rename a thread.

        Args:
            name: The new name; in quotes if it has spaces.
            thread: Which thread; the current one otherwise.
            yes: Also allow it on a protected deployment.

        Example:
            %lg_thread rename "Trip to Hong Kong"
        """
    @overload
    def update(
        self,
        thread: str | None = None,
        *,
        metadata: Mapping[str, object] | None = None,
        ttl: float | str | timedelta | None = None,
        yes: bool = False,
    ) -> Thread:
        """Change the metadata and time to live of a thread, or of many. Keys that are not named keep their values.

        Args:
            thread: t2, a name, an id or a part of one; a list, a table or a frame of threads; the current one otherwise.
            metadata: A pair, k=v or k:=JSON; may be repeated.
            ttl: Delete it after so long from now: 7d, or a number of minutes.
            yes: Also allow it on a protected deployment.

        Returns:
            The thread; for many, the number of changed threads.

        Example:
            %lg_thread update --metadata project=travel
        """
    @overload
    def update(
        self,
        thread: object,
        *,
        metadata: Mapping[str, object] | None = None,
        ttl: float | str | timedelta | None = None,
        yes: bool = False,
    ) -> Thread | Facts: ...
    def delete(
        self,
        thread: object = None,
        *,
        status: Literal["idle", "pending", "running", "waiting", "cancelled", "error", "timeout"] | None = None,
        older_than: str | date | datetime | timedelta | None = None,
        metadata: Mapping[str, object] | None = None,
        yes: bool = False,
    ) -> Facts:
        """Delete a thread, or many, with everything on them, and their crons. Live runs are cancelled first.

        For a list, a table or a filter, it shows the number of threads, and deletes them with --yes.

        Args:
            thread: t2, a name, an id or a part of one; a list, a table or a frame of threads; the current one otherwise.
            status: All that are idle, pending, running, waiting, cancelled, error or timeout.
            older_than: All that have not changed for so long, or since a date.
            metadata: All with this metadata, as k=v; may be repeated.
            yes: Delete many threads; also allow it on a protected deployment.

        Returns:
            The threads that were deleted, or would be: `.data["thread_ids"]`.

        Example:
            %lg_thread delete t2
        """
    def prune(
        self,
        thread: object = None,
        *,
        status: Literal["idle", "pending", "running", "waiting", "cancelled", "error", "timeout"] | None = None,
        older_than: str | date | datetime | timedelta | None = None,
        metadata: Mapping[str, object] | None = None,
        yes: bool = False,
    ) -> Facts:
        """Delete the history of threads, except the newest state of each. Deleted checkpoints cannot be forked.

        It shows the number of threads, and prunes them with --yes. The in-memory server cannot do it.

        Args:
            thread: t2, a name, an id or a part of one; a list, a table or a frame of threads; the current one otherwise.
            status: All that are idle, pending, running, waiting, cancelled, error or timeout.
            older_than: All that have not changed for so long, or since a date.
            metadata: All with this metadata, as k=v; may be repeated.
            yes: Prune them; also allow it on a protected deployment.

        Raises:
            InvalidRequest: the deployment cannot prune.

        Example:
            %lg_thread prune --older-than 30d --yes
        """

thread: _Thread

def run(
    text: str | None = None,
    *,
    assistant: str | None = None,
    thread: str | None = None,
    stateless: bool = False,
    input: object = None,
    json: bool = False,
    configurable: Mapping[str, object] | None = None,
    wait: bool = False,
    timeout: float | None = None,
    rewind: bool = False,
    once: bool = False,
    card: bool = True,
    config: Mapping[str, object] | None = None,
    context: Mapping[str, object] | None = None,
    metadata: Mapping[str, object] | None = None,
    header: Mapping[str, object] | None = None,
    multitask: Literal["reject", "enqueue", "interrupt", "rollback"] | None = None,
    checkpoint: str | None = None,
    interrupt_before: Sequence[str] | None = None,
    interrupt_after: Sequence[str] | None = None,
    after: int | None = None,
    webhook: str | None = None,
    durability: Literal["sync", "async", "exit"] | None = None,
    goto: str | None = None,
    update: object = None,
    trace_project: str | None = None,
    example: str | None = None,
    subgraphs: bool = False,
    mode: Sequence[str] | None = None,
    keep: bool = False,
    discard_interrupt: bool = False,
    key: str | None = None,
    check: bool = True,
    version: int | None = None,
) -> Run:
    """Launch a run in the background, and watch it live on a card.

    It returns at once. The run goes on, on the deployment, even if this kernel dies.

    Args:
        text: The message, verbatim to the end of the line; it becomes one human message.
        assistant: The assistant to run, even if the thread has another graph; NAME@2 with the config of that version. Otherwise
            one of the thread's graph: the current one, the one that this session last used there, or the graph's own. On a new
            thread it is the current one.
        thread: The thread for this run: t2, an id, or `new`, which becomes the current thread; the current one otherwise.
        stateless: Run without a thread: the server deletes the run when it ends.
        input: The graph's whole input, a Python object; without a text.
        json: Read the text as JSON, and send it as the graph's whole input.
        configurable: A configurable value, as user_id=Test or n:=3; may be repeated.
        wait: Wait until it has ended.
        timeout: With --wait: give up waiting after so many seconds. The run goes on.
        rewind: Start again where this cell's earlier run on the thread started; its answer is kept as a branch.
        once: If this cell's earlier run is still live, attach to it and launch nothing.
        card: Show a card; --no-card shows one line and requests fewer stream modes.
        config: A whole config, {"configurable": …, "tags": …, "recursion_limit": …}.
        context: The graph's static context, a mapping.
        metadata: Metadata of the run, as k=v; may be repeated.
        header: A header for this call, as x-user-id=lance; its value is never shown.
        multitask: What to do while a run is live on the thread: enqueue (the server's default) waits for it, reject launches
            nothing, interrupt cancels it and keeps its work, rollback cancels it and undoes its work.
        checkpoint: Go on from this checkpoint of the thread instead of its head: step:4, b2:4, or an id.
        interrupt_before: Stop before these nodes, a,b, or * for each; %lg_resume goes on.
        interrupt_after: Stop after these nodes, or after each.
        after: Start so many seconds from now.
        webhook: An address that the deployment calls when the run has ended.
        durability: When checkpoints are written: async (the server's way), sync before each next step, exit only at the end.
        goto: Without an input: go on at this node instead of the next one. An open question is left unanswered.
        update: Without an input: write this into the state first, a mapping or JSON; the graph's reducers apply.
        trace_project: The LangSmith project for the trace of this run, if the deployment traces runs.
        example: The id of the LangSmith example that the run is a result of.
        subgraphs: Include the nodes of subgraphs in `run.stream()` and %lg_stream. A card always shows them.
        mode: More stream modes for `run.stream()`, a,b: values, messages, checkpoints, debug, events.
        keep: With --stateless: keep the thread that the deployment makes for the run.
        discard_interrupt: Send new input even if the thread waits for an answer. Its question is lost.
        key: The key of the graph's input that takes the text as a message; otherwise that of its schema (`messages`).
        check: Check the input against the graph's schemas, and the breakpoints against its nodes, first; --no-check sends it
            unchecked.
        version: Use this version of a graph that was served from a notebook; the current one otherwise.

    Returns:
        The run: `.status`, `.wait()`, `.result`, `.messages`, `.cancel()`.

    Raises:
        NotConnected: there is no deployment yet.
        NotFound: no such thread. InvalidRequest: the deployment refuses the input or the assistant.
        CommandError: the input, or a setting, is surely wrong by the graph's schemas.
        RunFailed: with --wait, the graph raised an error.

    Example:
        %lg_run -c user_id=Test What's on my list?
    """

def stream(
    text: str | None = None,
    *,
    mode: Sequence[str] | None = None,
    cancel_on_interrupt: bool = False,
    assistant: str | None = None,
    thread: str | None = None,
    stateless: bool = False,
    input: object = None,
    json: bool = False,
    configurable: Mapping[str, object] | None = None,
    rewind: bool = False,
    once: bool = False,
    config: Mapping[str, object] | None = None,
    context: Mapping[str, object] | None = None,
    metadata: Mapping[str, object] | None = None,
    header: Mapping[str, object] | None = None,
    multitask: Literal["reject", "enqueue", "interrupt", "rollback"] | None = None,
    checkpoint: str | None = None,
    interrupt_before: Sequence[str] | None = None,
    interrupt_after: Sequence[str] | None = None,
    after: int | None = None,
    webhook: str | None = None,
    durability: Literal["sync", "async", "exit"] | None = None,
    goto: str | None = None,
    update: object = None,
    trace_project: str | None = None,
    example: str | None = None,
    subgraphs: bool = False,
    keep: bool = False,
    discard_interrupt: bool = False,
    key: str | None = None,
    check: bool = True,
    version: int | None = None,
) -> Run:
    """Launch a run and print the output of its models, token by token, until it ends.

    After a dropped connection, printing resumes where it stopped. A kernel interrupt stops the printing; the run goes on.

    Args:
        text: The message, verbatim to the end of the line; it becomes one human message.
        mode: Print these stream modes, a,b: values, updates, messages, custom, tasks, checkpoints, debug, events.
        cancel_on_interrupt: Cancel the run on a kernel interrupt.
        launching: The other options are those of `run`.

    Returns:
        The run.

    Raises:
        RunFailed: the graph raised an error; likewise RunTimedOut and RunDeleted. Output before the error is printed.
        WaitInterrupted: a kernel interrupt. LaunchInterrupted: it came while the run was launched.

    Example:
        %lg_stream -c user_id=Test What's on my list?
    """

@overload
def batch(
    frame: object = None,
    *,
    input: str | None = None,
    assistant: Sequence[str] | None = None,
    concurrency: int | None = None,
    per_minute: int | None = None,
    repeat: int | None = None,
    score: object = None,
    reference: str | None = None,
    dry_run: Literal[False] = False,
    max_tokens: int | None = None,
    configurable: Mapping[str, object] | None = None,
    wait: bool = False,
    timeout: float | None = None,
    attach: str | None = None,
    yes: bool = False,
    stateless: bool = False,
    keep: bool = False,
    config: Mapping[str, object] | None = None,
    context: Mapping[str, object] | None = None,
    metadata: Mapping[str, object] | None = None,
    header: Mapping[str, object] | None = None,
    key: str | None = None,
    check: bool = True,
) -> Batch:
    """Launch a run for each row of a frame, and watch them all on one card.

    It returns at once. Each row gets a thread of its own. Before the first run is launched, the whole batch is written to the
    deployment: after a kernel restart, `--attach` resumes it, and launches no row twice.

    Args:
        frame: A DataFrame, a list of dicts, a mapping of columns; a file that ends in .csv, .tsv, .json or .jsonl; or, where
            LANGSMITH_API_KEY is set, the name of a LangSmith dataset.
        input: A template, "Weather in {city}?", whose text becomes one human message; or a column, whose dicts and lists
            are the graph's whole input, and whose other cells are messages. Literal braces are doubled.
        assistant: The assistants, each of which runs on every row; the current one otherwise. NAME@2 is version 2 of one.
            {column} uses the assistant that the row names.
        concurrency: The number of runs at a time, at most 64; 10 otherwise.
        per_minute: Launch at most so many runs per minute.
        repeat: The number of runs of each row with each assistant; 1 otherwise.
        score: A function, several, or a mapping from names to functions, called for each good run. It takes any of outputs,
            reference_outputs, inputs, run, example (as LangSmith's evaluators do), output and row, by name, and returns a bool,
            a number, a text, {"key", "score", "comment"}, or a list of those. Each score is a column.
        reference: The column whose cells are the scorers' `reference_outputs`; of a LangSmith dataset its outputs otherwise.
        dry_run: Show what would be launched, and launch nothing.
        max_tokens: Launch no more rows when the batch has used so many tokens.
        configurable: A configurable value for each run, as user_id=Test or n:=3, or the row's own, as prompt={prompt}; may
            be repeated.
        wait: Wait until all have ended.
        timeout: With --wait: give up waiting after so many seconds. The batch goes on.
        attach: Resume this batch of the deployment; without a frame. Give values that were not kept because they look secret
            again, with -c, --config, --context or --metadata.
        yes: Also allow it on a protected deployment.
        stateless: With --keep: let each run create its own thread. Such a batch cannot be attached to.
        keep: Keep the threads of stateless runs, from which the results are read.
        config: A whole config for each run, {"configurable": …, "tags": …, "recursion_limit": …}.
        context: The graph's static context, a mapping.
        metadata: Metadata of each run, as k=v or k={column}; may be repeated.
        header: A header for each launch, as k=v; its value is shown and kept nowhere.
        key: The key of the graph's input that takes a text as a message; otherwise that of its schema (`messages`).
        check: Check the first row's input and settings against the graph's schemas first, also with --dry-run and --attach;
            --no-check sends them unchecked.

    Returns:
        The batch: `.df`, `.wait()`, `.counts`, `.cancel()`, `.retry()`. With --dry-run, what would be done.

    Raises:
        CommandError: the frame has no rows, or no such column; or the graph surely cannot take the first input.
        UnknownReference: no such assistant. NotFound: no such batch.

    Example:
        %lg_batch $values --input "Weather in {city}?" -a agent --dry-run
    """

@overload
def batch(
    frame: object = None,
    *,
    input: str | None = None,
    assistant: Sequence[str] | None = None,
    concurrency: int | None = None,
    per_minute: int | None = None,
    repeat: int | None = None,
    score: object = None,
    reference: str | None = None,
    dry_run: Literal[True],
    max_tokens: int | None = None,
    configurable: Mapping[str, object] | None = None,
    wait: bool = False,
    timeout: float | None = None,
    attach: str | None = None,
    yes: bool = False,
    stateless: bool = False,
    keep: bool = False,
    config: Mapping[str, object] | None = None,
    context: Mapping[str, object] | None = None,
    metadata: Mapping[str, object] | None = None,
    header: Mapping[str, object] | None = None,
    key: str | None = None,
    check: bool = True,
) -> Facts: ...
@overload
def batch(
    frame: object = None,
    *,
    input: str | None = None,
    assistant: Sequence[str] | None = None,
    concurrency: int | None = None,
    per_minute: int | None = None,
    repeat: int | None = None,
    score: object = None,
    reference: str | None = None,
    dry_run: bool = False,
    max_tokens: int | None = None,
    configurable: Mapping[str, object] | None = None,
    wait: bool = False,
    timeout: float | None = None,
    attach: str | None = None,
    yes: bool = False,
    stateless: bool = False,
    keep: bool = False,
    config: Mapping[str, object] | None = None,
    context: Mapping[str, object] | None = None,
    metadata: Mapping[str, object] | None = None,
    header: Mapping[str, object] | None = None,
    key: str | None = None,
    check: bool = True,
) -> Batch | Facts: ...
def compare(
    before: object = None,
    after: object = None,
    text: object = None,
    *,
    assistant: Sequence[str] | None = None,
    fail_below: float | None = None,
    repeat: int | None = None,
    score: object = None,
    thread: str | None = None,
    yes: bool = False,
    key: str | None = None,
    check: bool = True,
) -> Compared:
    """Compare two batches, two assistants of one batch, or a saved file with a batch; or ask two assistants one question.

    Rows are paired by their cells, and runs by row and repeat. It shows for each score both means, the mean difference with its
    95 % interval (a bootstrap over the rows, the same each time), and how many rows are better, worse or the same; then tokens,
    seconds, and the rows that changed, the worst first. It waits for batches that are not over.

    Args:
        before: The baseline: a batch, its id, or a file of batch.save("baseline.jsonl").
        after: The batch to compare: a batch, its id, or a file.
        text: With -a A,B: a question for both assistants. Each run is on its own copy of the current thread.
        assistant: Two assistants, NAME@2 for a version of one; or the one of both batches that is compared.
        fail_below: Raise an error, in one line, if the difference of a score is below this, as -0.02, or a score that was there
            is not there any more, in any row, or its scorer fails.
        repeat: With TEXT: the number of runs of each assistant; 1 otherwise.
        score: With TEXT: the scorers of the answers, as for %lg_batch.
        thread: With TEXT: the thread to copy; the current one otherwise, if there is one.
        yes: Also allow it on a protected deployment.
        key: With TEXT: the key of the graphs' inputs that takes it as a message; otherwise the one of their schemas (`messages`).
        check: With TEXT: refuse a question that one of the graphs surely cannot take; --no-check sends it unchecked.

    Returns:
        The comparison: `.summary`, `.df`, `.changed`.

    Raises:
        ComparisonFailed: a score's difference is below `fail_below`, or the score is missing.
        CommandError: there is nothing to compare, no row that both have, or a graph that takes no messages.

    Example:
        %lg_compare baseline.jsonl $batch --fail-below -0.02
    """

def check(
    run: object, file: object, *, order: Literal["strict", "unordered", "subset"] = "strict", ignore: str | None = None
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

@overload
def wait(batch: Batch, /, *, all: Literal[False] = False, timeout: float | None = None) -> Batch:
    """Wait for runs to end, and show how they ended.

    Args:
        references: Runs: r7, $run, last, an id, a list of them; the last one otherwise. Or batches: $batch.
        all: All live runs and batches of this session or notebook.
        timeout: Give up waiting after so many seconds. The runs go on.

    Returns:
        The run, or the batch; a table if there are several.

    Raises:
        RunFailed: the graph raised an error; likewise RunTimedOut and RunDeleted. With several runs, it waits for all, shows
            the table, and raises one error that names those that did not end well.
        WaitTimedOut: the time is over; the runs go on.
        WaitInterrupted: a kernel interrupt; the runs go on.

    Example:
        %lg_wait r7 --timeout 30
    """

@overload
def wait(run: Run | str = "last", /, *, all: Literal[False] = False, timeout: float | None = None) -> Run: ...
@overload
def wait(
    *references: Run | str | Sequence[Run | str], all: Literal[False] = False, timeout: float | None = None
) -> Run | Table: ...
@overload
def wait(*references: object, all: bool = False, timeout: float | None = None) -> Run | Table | Facts | Batch: ...
@overload
def cancel(batch: Batch, /, *, mine: Literal[False] = False) -> Batch:
    """Cancel runs. What they did to their thread is kept, unless it is rolled back.

    Args:
        references: Runs: r7, $run, last, an id, a list of them; the last one otherwise. Or batches: $batch.
        mine: All live runs and batches of this session or notebook, and no others.
        rollback: Also delete each run, and undo its changes of its thread. The results of a batch are kept.

    Returns:
        The run, or the batch; a table if there are several, whose note names those that had ended before.

    Raises:
        AlreadyEnded: the run has ended, or all of several have; not with --mine, which skips them.
        WriteInterrupted: a kernel interrupt; they may be cancelled.

    Example:
        %lg_cancel r7
    """

@overload
def cancel(run: Run | str = "last", /, *, mine: Literal[False] = False, rollback: bool = False) -> Run: ...
@overload
def cancel(*, mine: Literal[True], rollback: bool = False) -> Table | Facts: ...
@overload
def cancel(
    *references: Run | str | Sequence[Run | str], mine: Literal[False] = False, rollback: bool = False
) -> Run | Table: ...
@overload
def cancel(*references: object, mine: bool = False, rollback: bool = False) -> Run | Table | Facts | Batch: ...
@overload
def attach(*, mine: Literal[True], wait: bool = False) -> Table:
    """Follow a run again after a kernel restart, or one that was launched elsewhere, on a live card.

    A run that has ended meanwhile shows its outcome.

    Args:
        reference: The run: an id or the end of one, as %lg_runs shows it, on the current thread or another of this notebook;
            the whole id for a run of another notebook. The current thread's newest run otherwise.
        mine: All live runs of this notebook, and the outcome of the newest run of each of its cells.
        thread: The thread of the run; the current thread otherwise.
        wait: Wait until it has ended.

    Returns:
        The run; with --mine, a table of the runs, newest first, after the cards of the live ones.

    Raises:
        UnknownReference: no such run on the thread, or in this notebook.

    Example:
        %lg_attach --mine
    """

@overload
def attach(
    reference: Run | str | None = None, *, mine: Literal[False] = False, thread: str | None = None, wait: bool = False
) -> Run: ...
@overload
def attach(
    reference: object = None, *, mine: bool = False, thread: str | None = None, wait: bool = False
) -> Run | Table: ...
def watch(thread: str | None = None, *, runs: int | None = None, timeout: float | None = None) -> Table:
    """Watch a thread: show a card for each live run, and for each run that any client launches from now on.

    A kernel interrupt ends it; the runs go on. Watching goes on if the deployment is away for a moment.

    Args:
        thread: The thread; the current one otherwise.
        runs: Stop when so many runs were shown and have ended.
        timeout: Stop after so many seconds.

    Returns:
        A table of the runs that were shown.

    Raises:
        NotFound: no such thread. Unreachable: the deployment does not answer any more.

    Example:
        %lg_watch t2
    """

@overload
def resume(
    answer: object = None,
    *,
    thread: str | None = None,
    interrupt: str | int | None = None,
    action: None = None,
    json: bool = False,
    approve: bool = False,
    accept: bool = False,
    edit: bool = False,
    reject: bool = False,
    respond: bool = False,
    ignore: bool = False,
    again: bool = False,
    wait: bool = False,
    timeout: float | None = None,
    card: bool = True,
    interrupt_before: Sequence[str] | None = None,
    interrupt_after: Sequence[str] | None = None,
    version: int | None = None,
) -> Run:
    """Answer the question of a thread, or resume it at a breakpoint.

    A question takes the rest of the line, verbatim; a lone $name is that Python object. A question with a schema takes
    name=value for each field. A tool call takes --approve, --edit name=value, --reject [WHY] or --respond TEXT, as far as the
    graph allows it. Without an answer, a thread at a breakpoint goes on. Tool calls and schemas are checked before anything is
    sent. The question is read again first: a question that you have not seen is shown, not answered.

    The run uses the thread's graph and the config of the run that waited: the current assistant if it has the graph, else the
    one that this session last used there, else the graph's own.

    Args:
        answer: The answer. With several questions open, a mapping {number, node or id: answer} answers them at once.
        thread: The thread; the current one otherwise.
        interrupt: The question, if several are open: its number, its node, its id, or a unique part of it. The others keep
            their numbers when it is answered.
        action: The number of the tool call, if a question has several. The answer is sent when each has its decision.
        json: Read the answer as JSON.
        approve: Approve the tool call, or all of them.
        accept: The same, as the Agent Inbox calls it.
        edit: Approve it with other arguments: name=value, or all of them as a JSON object or $mapping.
        reject: Reject it; the rest of the line is the reason.
        respond: Answer with a text in place of the tool.
        ignore: Reject it, as the Agent Inbox calls it.
        again: After an answer that made the graph fail: go back to the question, even if other tasks run again.
        wait: Wait until the run has ended.
        timeout: With --wait: give up waiting after so many seconds. The run goes on.
        card: Show a card; --no-card shows one line and asks the deployment for less.
        interrupt_before: Stop again before these nodes, a,b.
        interrupt_after: Stop again after these nodes.
        version: Go on with this version of a graph that was served from a notebook; with the current one otherwise.

    Returns:
        The new run, on the same thread. With --action, the actions that still need a decision, if any.

    Raises:
        CommandError: the answer does not fit the question, or the question must be named. Nothing was sent.
        LgError: nothing waits, the thread is busy, or the question has changed. Nothing was sent.

    Example:
        %lg_resume --reject Ask again when it costs less than 500 USD.
    """

@overload
def resume(
    answer: object = None,
    *,
    thread: str | None = None,
    interrupt: str | int | None = None,
    action: int | None,
    json: bool = False,
    approve: bool = False,
    accept: bool = False,
    edit: bool = False,
    reject: bool = False,
    respond: bool = False,
    ignore: bool = False,
    again: bool = False,
    wait: bool = False,
    timeout: float | None = None,
    card: bool = True,
    interrupt_before: Sequence[str] | None = None,
    interrupt_after: Sequence[str] | None = None,
    version: int | None = None,
) -> Run | Facts: ...
def inbox(
    *, approve: str | None = None, reject: str | None = None, limit: int = 10, offset: int = 0, all: bool = False
) -> Table:
    """List the deployment's threads that wait for a person, with their questions, or the breakpoint where they stopped.

    A thread whose last answer made it fail is listed too, if its question is still open; the newest 50 threads in error are
    read. --approve and --reject decide on every listed call of a tool: the first time the calls are shown, and the same line
    again sends the decision. New calls since then are shown first.

    Args:
        approve: Approve the calls of this tool.
        reject: Reject the calls of this tool.
        limit: Show at most so many, the newest change first.
        offset: Skip so many first.
        all: All of them, regardless of --limit.

    Returns:
        A table; `.df` is a pandas frame. With a decision that was sent, the runs that go on.

    Example:
        %lg_inbox
    """

class _Runs:
    def __call__(
        self,
        *,
        thread: str | None = None,
        mine: bool = False,
        status: Literal["pending", "running", "success", "waiting", "cancelled", "error", "timeout"] | None = None,
        limit: int = 10,
        offset: int = 0,
        all: bool = False,
        open: bool = False,
    ) -> Table:
        """List the runs of a thread, newest first, or, if there is no thread yet, those that this session follows.

        Args:
            thread: Which thread; the current one otherwise.
            mine: The runs of this session or notebook, on all threads, and no others.
            status: Only these.
            limit: Show at most so many.
            offset: Skip so many first.
            all: All of them, regardless of --limit.
            open: On a page: choose a row, and cancel the run there; the rows follow the runs. Close leaves the table.

        Returns:
            A table; `.df` is a pandas frame.

        Example:
            %lg_runs
        """
    def delete(self, *references: object, yes: bool = False) -> Facts:
        """Delete runs that have ended, with their checkpoints: their thread returns to its state before them.

        Checkpoints of later runs are kept. For several runs, it shows their number, and deletes them with --yes.

        Args:
            references: Runs: r7, $run, last, an id, a list of them; the last one otherwise.
            yes: Delete several runs; also allow it on a protected deployment.

        Returns:
            The runs that were deleted, or would be: `.data["run_ids"]`.

        Raises:
            UnknownReference: no such run. LgError: one is still live.

        Example:
            %lg_runs delete r7
        """

runs: _Runs

def usage(what: object = None, *, all: bool = False) -> Table:
    """Show token usage by node and model: in, out, cached, reasoning.

    Nodes are known for runs that this session has watched on a card; otherwise only models are, from the conversation.
    `lg.prices = {"model": (in, out)}`, for a million tokens each, adds the costs.

    Args:
        what: A run (r7, $run, last), a thread (t2), or a batch ($batch); the current thread otherwise.
        all: All runs of this session.

    Returns:
        A table; `.df` is a pandas frame.

    Raises:
        UnknownReference: no such run or thread. CommandError: a price that is not a pair of numbers.

    Example:
        %lg_usage r7
    """

class _State:
    @overload
    def __call__(
        self,
        checkpoint: str | None = None,
        *,
        subgraphs: bool = False,
        subgraph: str | None = None,
        thread: str | None = None,
    ) -> State:
        """Show a thread's state: its values, next nodes, errors, and questions; or many threads as one table.

        Args:
            checkpoint: The state at this checkpoint: step:4, b2:4, or an id; the current state otherwise.
            subgraphs: Also show the states of the subgraphs that it waits in, at any depth.
            subgraph: Show only the state of this subgraph: mail, team:mail, or mail#2 of several in one step.
            thread: The thread; a list, a table or a frame of threads; the current one otherwise.

        Returns:
            The state: `.values`, `.next`, `.interrupts`, `.messages`, and with --subgraphs `.subgraphs["team:mail"].values`.
            For many threads, a table: `.df` has a column for each value.

        Raises:
            NotFound: the thread has no such checkpoint. UnknownReference: no such subgraph.

        Example:
            %lg_state step:1
        """
    @overload
    def __call__(
        self, checkpoint: str | None = None, *, subgraphs: bool = False, subgraph: str | None = None, thread: object
    ) -> State | Table: ...
    def update(
        self,
        values: object,
        *,
        as_node: str | None = None,
        at: str | None = None,
        subgraph: str | None = None,
        thread: str | None = None,
        yes: bool = False,
        check: bool = True,
    ) -> Facts:
        """Write into a thread's state. This makes a new checkpoint, which becomes the head.

        Args:
            values: The values to write, a mapping or JSON; the graph's reducers apply.
            as_node: Write them as if this node had, which decides the next node; otherwise, as the node that ran last.
            at: Write them after this checkpoint: step:4, b2:4, or an id; the head otherwise.
            subgraph: Write into this subgraph, which the thread waits in: mail, team:mail, or mail#2 of several in one step.
            thread: Which thread; the current one otherwise.
            yes: Also allow it on a protected deployment.
            check: Check the values by the graph's schema first; --no-check sends them unchecked.

        Raises:
            InvalidRequest: no such node, values that do not fit, or a thread that never ran.
            Conflict: a run is live on the thread. UnknownReference: no such subgraph.
            CommandError: the values are None, or surely wrong by the graph's schema; the thread does not wait in the subgraph.

        Example:
            %lg_state update $values --as-node agent
        """

state: _State

@overload
def messages(
    *,
    thread: str | None = None,
    last: int | None = None,
    role: str | None = None,
    search: str | None = None,
    raw: bool = False,
    to: str | None = None,
    subgraph: str | None = None,
) -> Conversation:
    """Show a thread's messages as a conversation, or those of many threads as one table.

    Args:
        thread: The thread; a list, a table or a frame of threads; the current one otherwise.
        last: Only the last N of each thread.
        role: Only those of human, ai, tool or system.
        search: Only those that contain this text.
        raw: As they came from the server; for one thread.
        to: Also write them to this file: Markdown, a web page, or JSON with one message a line. An existing file is kept as
            FILE~.
        subgraph: The messages of this subgraph of one thread: mail, team:mail, or mail#2 of several in one step.

    Returns:
        The messages of one thread, or a table; `.df` has one row for each.

    Example:
        %lg_messages --last 2
    """

@overload
def messages(
    *,
    thread: object,
    last: int | None = None,
    role: str | None = None,
    search: str | None = None,
    raw: bool = False,
    to: str | None = None,
    subgraph: str | None = None,
) -> Conversation | Table: ...
@overload
def fork(
    checkpoint: str,
    text: str | None = None,
    *,
    values: object = None,
    as_node: str | None = None,
    message: str | int | None = None,
    run: Literal[False] = False,
    subgraph: str | None = None,
    thread: str | None = None,
    yes: bool = False,
    check: bool = True,
) -> Facts:
    """Fork a thread at an earlier checkpoint, with other values, or with a rewritten message.

    The head of the thread moves to the new branch, where the next run goes on. Without a change, it is a copy of the checkpoint.
    The old branch is kept: %lg_history shows both.

    Args:
        checkpoint: The checkpoint: step:1, b2:4, or an id.
        text: With --message: the message's new text.
        values: Values to write into the state there, a mapping; the graph's reducers apply.
        as_node: Write them as if this node had, which decides the next node; otherwise, as the node that ran last.
        message: Rewrite this message: its id, its place (0 is the first, -1 the last), or a part of its id.
        run: Run on from there, without new input.
        wait: With --run: wait until it has ended.
        card: With --run: show a card.
        assistant: With --run: the assistant to run, even if the thread has another graph; otherwise one of the thread's graph,
            as with %lg_run.
        subgraph: The subgraph of the checkpoint, which the thread waits in: mail, team:mail, or mail#2 of several in one step.
        thread: The thread of the checkpoint; the current thread otherwise.
        yes: Also allow it on a protected deployment.
        check: Check the values, and with --run the settings, by the graph's schemas first; --no-check sends them unchecked.

    Returns:
        With --run, the run; otherwise the new head.

    Raises:
        UnknownReference: no such checkpoint, message or subgraph. Conflict: a run is live on the thread.
        CommandError: the values, or a setting, are surely wrong by the graph's schemas; the message has no id; the thread does
            not wait in the subgraph.
        LgError: with --run, after the change the message is not rewritten, or nothing runs next. Nothing was run.

    Example:
        %lg_fork --run --message 0 step:0 Give me a summary of all ToDos due next week.
    """

@overload
def fork(
    checkpoint: str,
    text: str | None = None,
    *,
    values: object = None,
    as_node: str | None = None,
    message: str | int | None = None,
    run: Literal[True],
    wait: bool = False,
    card: bool = True,
    assistant: str | None = None,
    subgraph: str | None = None,
    thread: str | None = None,
    yes: bool = False,
    check: bool = True,
) -> Run: ...
@overload
def fork(
    checkpoint: str,
    text: str | None = None,
    *,
    values: object = None,
    as_node: str | None = None,
    message: str | int | None = None,
    run: bool = False,
    wait: bool = False,
    card: bool = True,
    assistant: str | None = None,
    subgraph: str | None = None,
    thread: str | None = None,
    yes: bool = False,
    check: bool = True,
) -> Run | Facts: ...
def history(
    thread: str | None = None,
    *,
    limit: int = 10,
    offset: int = 0,
    all: bool = False,
    before: str | None = None,
    subgraph: str | None = None,
    open: bool = False,
) -> History:
    """List a thread's checkpoints, newest first, each with its changes.

    A kernel interrupt keeps the rows that have arrived.

    Args:
        thread: Which thread; the current one otherwise.
        limit: Show at most so many.
        offset: Skip so many first.
        all: All of them, in pages, regardless of --limit; only the changes of each are kept.
        before: Only checkpoints older than this one: step:4, b2:4, or an id.
        subgraph: The checkpoints of this subgraph: mail, team:mail, or mail#2 of several in one step. The thread waits in it, or
            it is the last that ran.
        open: On a page: choose a row, see its change and state, fork from there; Close leaves the table.

    Returns:
        The history: `.df` has a row for each checkpoint, `.messages_df` one for each message.

    Raises:
        UnknownReference: no such thread, checkpoint or subgraph.

    Example:
        %lg_history --all
    """

def diff(a: object, b: object, *, subgraph: str | None = None, thread: str | None = None) -> Diff:
    """Show the differences between two states: messages by their id, other values by their path.

    Args:
        a: The earlier one: a checkpoint (step:2, b1:2, an id), a thread (t1), a run (r3: the state that it left), or an object:
            a `State`, a thread, a run, or values.
        b: The later one.
        subgraph: The subgraph of the checkpoints: mail, team:mail, or mail#2 of several in one step.
        thread: The thread of the checkpoints; the current thread otherwise.

    Raises:
        CommandError: --thread without a checkpoint, or --subgraph with something else than checkpoints.

    Example:
        %lg_diff step:0 step:2
    """

class _Store:
    def __call__(
        self,
        namespace: object = None,
        *,
        filter: Mapping[str, object] | None = None,
        query: str | None = None,
        refresh_ttl: bool | None = None,
        limit: int = 10,
        offset: int = 0,
        all: bool = False,
        open: bool = False,
    ) -> Items:
        """List the items under a namespace, with a column for each field of their values.

        A namespace is typed as todo/general/Test; a label's own / as \\/.

        Args:
            namespace: The first labels of their namespaces, or a $tuple of them; the whole store otherwise.
            filter: A condition on a field: k=v and k!=v compare text, k:=v and k!:=v JSON, k>v, k>=v, k<v, k<=v a number; may be
                repeated, and all must be true.
            query: Rank by similarity to this text, if the deployment's store has an index.
            refresh_ttl: Restart the items' time to live; --no-refresh-ttl does not. The deployment's own rule otherwise.
            limit: Show at most so many.
            offset: Skip so many first.
            all: All of them, in pages, regardless of --limit.
            open: On a page: choose an item, see, edit or delete it; Close leaves the table.

        Returns:
            The items: `.df` has a row for each, `.items` has the server's rows.

        Raises:
            CommandError: the namespace is invalid. InvalidRequest: an item's field cannot be compared.
            Unsupported: this deployment has no store.

        Example:
            %lg_store search todo/general/Test
        """
    def search(
        self,
        namespace: object = None,
        *,
        filter: Mapping[str, object] | None = None,
        query: str | None = None,
        refresh_ttl: bool | None = None,
        limit: int = 10,
        offset: int = 0,
        all: bool = False,
        open: bool = False,
    ) -> Items:
        """List the items under a namespace, with a column for each field of their values.

        A namespace is typed as todo/general/Test; a label's own / as \\/.

        Args:
            namespace: The first labels of their namespaces, or a $tuple of them; the whole store otherwise.
            filter: A condition on a field: k=v and k!=v compare text, k:=v and k!:=v JSON, k>v, k>=v, k<v, k<=v a number; may be
                repeated, and all must be true.
            query: Rank by similarity to this text, if the deployment's store has an index.
            refresh_ttl: Restart the items' time to live; --no-refresh-ttl does not. The deployment's own rule otherwise.
            limit: Show at most so many.
            offset: Skip so many first.
            all: All of them, in pages, regardless of --limit.
            open: On a page: choose an item, see, edit or delete it; Close leaves the table.

        Returns:
            The items: `.df` has a row for each, `.items` has the server's rows.

        Raises:
            CommandError: the namespace is invalid. InvalidRequest: an item's field cannot be compared.
            Unsupported: this deployment has no store.

        Example:
            %lg_store search todo/general/Test
        """
    def get(self, namespace: object, key: str, *, refresh_ttl: bool | None = None) -> Item:
        """Show one item with its whole value.

        Args:
            namespace: Its namespace: todo/general/Test, or a $tuple of labels.
            key: Its key; in quotes if it has spaces.
            refresh_ttl: Restart its time to live; --no-refresh-ttl does not. The deployment's own rule otherwise.

        Returns:
            The item: `.value` is its value.

        Raises:
            NotFound: there is no such item.

        Example:
            %lg_store get profile/general/Test profile
        """
    def put(
        self,
        namespace: object,
        key: str,
        value: Mapping[str, object] | None = None,
        fields: Mapping[str, object] | None = None,
        *,
        ttl: float | None = None,
        index: Literal["none"] | Sequence[str] | None = None,
        yes: bool = False,
    ) -> Facts:
        """Put an item into the store, and replace the item with this key.

        Args:
            namespace: Its namespace: todo/general/Test, or a $tuple of labels.
            key: Its key; in quotes if it has spaces or an =.
            value: Its value: a JSON object or a $mapping.
            fields: The value's fields instead, or on top of it: k=v is a text, k:=v JSON or a $name.
            ttl: Minutes until it is deleted; the deployment's own rule otherwise. (The in-memory server never deletes it.)
            index: The fields that --query searches, separated by commas, or none; the deployment's own rule otherwise.
            yes: Also allow it on a protected deployment.

        Returns:
            Whether it was new: `result["replaced"]` is the item that was there before, or None.

        Raises:
            CommandError: the value is not a mapping, or would not be read back unchanged.

        Example:
            %lg_store put notes/Test trip {"city": "Hong Kong", "days": 5}
            %lg_store put notes/Test trip city="Hong Kong" days:=5
        """
    def delete(self, namespace: object, key: str, *, yes: bool = False) -> Facts:
        """Delete an item from the store, and show its old value.

        Args:
            namespace: Its namespace: todo/general/Test, or a $tuple of labels.
            key: Its key; in quotes if it has spaces.
            yes: Also allow it on a protected deployment.

        Returns:
            Whether there was one: `result["deleted"]` is the item, or None.

        Example:
            %lg_store delete notes/Test trip
        """
    def namespaces(
        self,
        prefix: object = None,
        *,
        suffix: object = None,
        depth: int | None = None,
        limit: int = 100,
        offset: int = 0,
        all: bool = False,
    ) -> Table:
        """List the namespaces of the store, with the number of items in each if they are few.

        The in-memory server also lists empty namespaces that were only searched.

        Args:
            prefix: Only those that begin with these labels; * stands for any one label.
            suffix: Only those that end with these labels.
            depth: Cut each after so many labels, counted from the root.
            limit: Show at most so many.
            offset: Skip so many first.
            all: All of them, in pages, regardless of --limit.

        Returns:
            A table: `.df` has `labels`, the namespaces as lists.

        Example:
            %lg_store namespaces --depth 1
        """
    def load(self, namespace: object, source: object = None, *, key: str | None = None, yes: bool = False) -> Facts:
        """Load the rows of a frame into a namespace, or an export into its own namespaces.

        Each row becomes an item: the other columns are its value. Empty cells (NaN, NaT, NA) are left out, None is null, times
        are ISO texts. An item with the same key is replaced. Two rows with one key are refused before anything is sent.

        Args:
            namespace: The namespace of the rows: todo/general/Test, or a $tuple. Or only an export: its file, or $exported.
            source: The frame, or a list of mappings.
            key: With a frame: the column that holds the keys, which are texts or whole numbers.
            yes: Also allow it on a protected deployment.

        Returns:
            The number of items written.

        Raises:
            CommandError: a value in a row would not be read back unchanged; nothing is written.
            DeploymentError: the deployment refused a row; the message names it, and has the number of items written.
            LoadInterrupted: a kernel interrupt; the message has the number of items written.

        Example:
            %lg_store load notes/Test $frame --key id
        """
    def export(self, namespace: object = None, *, all: bool = False, to: str | None = None) -> Export:
        """Export all items under a namespace; %lg_store load restores them. It restarts no time to live.

        Args:
            namespace: The namespace: todo/general/Test, or a $tuple of labels.
            all: Without a namespace: the whole store.
            to: Write them to this file, one item a line or as one list; an existing file is replaced and kept as FILE~.

        Returns:
            The export: `.items`, and `.df`, the frame that a search gives.

        Example:
            %lg_store export todo --all
        """

store: _Store

def crons(
    *,
    thread: str | None = None,
    mine: bool = False,
    assistant: str | None = None,
    metadata: Mapping[str, object] | None = None,
    enabled: bool | None = None,
    sort: Literal["next_run_date", "created_at", "updated_at", "end_time", "cron_id", "assistant_id", "thread_id"]
    | None = None,
    order: Literal["asc", "desc"] | None = None,
    limit: int = 20,
    offset: int = 0,
    all: bool = False,
    open: bool = False,
) -> Table:
    """List the deployment's crons with their next fire times, the next to fire first.

    Args:
        thread: Only those of this thread.
        mine: Only those that this session, or an earlier kernel of this notebook, made.
        assistant: Only those of this assistant.
        metadata: Only those with this metadata, as k=v; may be repeated.
        enabled: Only those that fire; --no-enabled: only those that are paused.
        sort: The field to sort by; the next to fire is first otherwise.
        order: With --sort: the smallest or oldest first (asc), or last (desc).
        limit: Show at most so many.
        offset: Skip so many first.
        all: All of them, regardless of --limit.
        open: On a page: choose a row, and pause, resume or delete the cron there; Close leaves the table.

    Returns:
        A table with each cron's schedule in words and its owner; `.df` has the next time as UTC.

    Raises:
        Unsupported: this deployment has no crons, or does not sort them.

    Example:
        %lg_crons
    """

class _Cron:
    def __call__(self, cron: object = "last") -> Cron:
        """Show a cron's details.

        Args:
            cron: c1, an id or a part of one, $cron; the last one made otherwise.

        Raises:
            UnknownReference: no match, or more than one match, for this name. NotFound: it was deleted meanwhile.

        Example:
            %lg_cron show c1
        """
    def create(
        self,
        schedule: str,
        text: str | None = None,
        *,
        assistant: str | None = None,
        thread: str | None = None,
        timezone: str | None = None,
        until: str | datetime | timedelta | None = None,
        keep: bool = False,
        disabled: bool = False,
        input: object = None,
        json: bool = False,
        configurable: Mapping[str, object] | None = None,
        context: Mapping[str, object] | None = None,
        metadata: Mapping[str, object] | None = None,
        header: Mapping[str, object] | None = None,
        webhook: str | None = None,
        multitask: Literal["reject", "enqueue", "interrupt", "rollback"] | None = None,
        interrupt_before: Sequence[str] | None = None,
        interrupt_after: Sequence[str] | None = None,
        durability: Literal["sync", "async", "exit"] | None = None,
        mode: Sequence[str] | None = None,
        subgraphs: bool = False,
        yes: bool = False,
        key: str | None = None,
        check: bool = True,
    ) -> Cron:
        """Create a cron: the deployment launches a run at each scheduled time, until the cron is deleted.

        Without --thread, each run has a thread of its own, and both are deleted when the run ends; --keep keeps them.

        Args:
            schedule: Minute, hour, day of the month, month, day of the week, in quotes: "0 9 * * MON-FRI".
            text: The message of each run, verbatim to the end of the line; it becomes one human message.
            assistant: The assistant to run; the current one otherwise. With --thread, one of the thread's graph, as with %lg_run.
            thread: Run on this thread each time. If the thread is deleted, the cron is deleted too.
            timezone: The time zone of the schedule, as Europe/Berlin; UTC otherwise.
            until: The end: 7d, 2027-01-31, "2027-01-31 18:00" (in --timezone, or else in this machine's), or a $datetime.
            keep: Keep each run's thread. The threads pile up until they are deleted.
            disabled: Create it paused; %lg_cron resume lets it fire.
            input: The graph's whole input, a Python object; without a text.
            json: Read the text as JSON, and send it as the graph's whole input.
            configurable: A configurable value, as user_id=Test or n:=3; may be repeated.
            context: The graph's static context, a mapping.
            metadata: Metadata of the cron, its runs and their threads, as k=v; may be repeated.
            header: A header for the call that creates it, as x-user-id=lance; its value is never shown.
            webhook: An address that the deployment calls when each run has ended.
            multitask: With --thread: what to do while a run is live there, as with %lg_run.
            interrupt_before: Stop each run before these nodes, a,b, or * for each.
            interrupt_after: Stop each run after these nodes, or after each.
            durability: When checkpoints are written: async, sync or exit, as with %lg_run.
            mode: Stream modes that each run keeps for `run.stream()`, a,b: values, messages, checkpoints, debug, events.
            subgraphs: With --mode: stream the nodes of subgraphs too.
            yes: Also allow it on a protected deployment.
            key: The key of the graph's input that takes the text as a message; otherwise that of its schema (`messages`).
            check: Refuse an input that the graph surely cannot take; --no-check leaves that to each run.

        Returns:
            The cron: `.cron_id`; `.data` is the server's row.

        Raises:
            CommandError: the schedule is invalid; the message names the field.
            NotFound: no such thread. Unsupported: this deployment has no crons.

        Example:
            %lg_cron create --keep --timezone Europe/Berlin "0 9 * * MON-FRI" What's on my list today?
        """
    def show(self, cron: object = "last") -> Cron:
        """Show a cron's details.

        Args:
            cron: c1, an id or a part of one, $cron; the last one made otherwise.

        Raises:
            UnknownReference: no match, or more than one match, for this name. NotFound: it was deleted meanwhile.

        Example:
            %lg_cron show c1
        """
    def runs(self, cron: object = "last", *, limit: int = 10, offset: int = 0, all: bool = False) -> Table:
        """List the runs of a cron, newest first.

        For a cron without a thread and without --keep, only live runs are there.

        Args:
            cron: c1, an id or a part of one, $cron; the last one made otherwise.
            limit: Show at most so many.
            offset: Skip so many first.
            all: All of them, regardless of --limit.

        Returns:
            A table of runs; `.df` is a pandas frame. %lg_messages -t THREAD shows the messages of one.

        Raises:
            UnknownReference: no match, or more than one match, for this name. NotFound: it was deleted meanwhile.

        Example:
            %lg_cron runs c1
        """
    def pause(self, cron: object, *, yes: bool = False) -> Facts:
        """Pause a cron, or many: they do not fire until they are resumed. A run that they have launched goes on.

        For a list or a table, it shows the number of crons, and pauses them with --yes.

        Args:
            cron: c1, an id or a part of one, $cron, last; a list, a table or a frame of crons.
            yes: Pause many crons; also allow it on a protected deployment.

        Returns:
            The cron. Of many, those that were paused: `.data["paused"]`; or that would be: `.data["cron_ids"]`.

        Raises:
            UnknownReference: no match, or more than one match, for this name. NotFound: it was deleted meanwhile.

        Example:
            %lg_cron pause c1
        """
    def resume(self, cron: object, *, yes: bool = False) -> Facts:
        """Let a paused cron fire again, or many, from the next time on. Missed runs are not made up.

        For a list or a table, it shows the number of crons, and resumes them with --yes.

        Args:
            cron: c1, an id or a part of one, $cron, last; a list, a table or a frame of crons.
            yes: Resume many crons; also allow it on a protected deployment.

        Returns:
            The cron. Of many, those that were resumed: `.data["resumed"]`; or that would be: `.data["cron_ids"]`.

        Raises:
            UnknownReference: no match, or more than one match, for this name. NotFound: it was deleted meanwhile.

        Example:
            %lg_cron resume c1
        """
    def update(
        self,
        cron: object,
        text: str | None = None,
        *,
        schedule: str | None = None,
        timezone: str | None = None,
        until: str | datetime | timedelta | None = None,
        keep: bool | None = None,
        enabled: bool | None = None,
        input: object = None,
        json: bool = False,
        configurable: Mapping[str, object] | None = None,
        context: Mapping[str, object] | None = None,
        metadata: Mapping[str, object] | None = None,
        header: Mapping[str, object] | None = None,
        webhook: str | None = None,
        interrupt_before: Sequence[str] | None = None,
        interrupt_after: Sequence[str] | None = None,
        durability: Literal["sync", "async", "exit"] | None = None,
        mode: Sequence[str] | None = None,
        subgraphs: bool = False,
        yes: bool = False,
        key: str | None = None,
        check: bool = True,
    ) -> Cron:
        """Change a cron. Fields that are not named keep their values.

        Args:
            cron: c1, an id or a part of one, $cron, last.
            text: The message of each run from now on.
            schedule: A new schedule, in quotes: "0 10 * * *".
            timezone: The time zone of the schedule, as Europe/Berlin or UTC.
            until: A new end, as 7d or 2027-01-31; `never` removes it.
            keep: Keep each run's thread, or, with --no-keep, delete it when the run ends.
            enabled: Let it fire, or pause it with --no-enabled.
            input: The graph's whole input, a Python object; without a text.
            json: Read the text as JSON, and send it as the graph's whole input.
            configurable: A configurable value, as user_id=Test or n:=3; merged into those it has.
            context: The graph's static context, a mapping; in place of the one it has.
            metadata: Metadata to add, as k=v; may be repeated.
            header: A header for this call, as x-user-id=lance; its value is never shown.
            webhook: An address that the deployment calls when each run has ended.
            interrupt_before: Stop each run before these nodes, a,b, or * for each.
            interrupt_after: Stop each run after these nodes, or after each.
            durability: When checkpoints are written: async, sync or exit, as with %lg_run.
            mode: Stream modes that each run keeps for `run.stream()`, a,b: values, messages, checkpoints, debug, events.
            subgraphs: With --mode: stream the nodes of subgraphs too.
            yes: Also allow it on a protected deployment.
            key: The key of the graph's input that takes the text as a message; otherwise that of its schema (`messages`).
            check: Refuse an input that the graph surely cannot take; --no-check leaves that to each run.

        Raises:
            CommandError: nothing to change, an invalid schedule, or an input that the graph surely cannot take.
            UnknownReference: no match, or more than one match, for this name. NotFound: it was deleted meanwhile.

        Example:
            %lg_cron update c1 --schedule "0 10 * * *" --until never
        """
    def delete(self, cron: object = None, *, mine: bool = False, yes: bool = False) -> Facts:
        """Delete a cron, or many. A run that they have launched goes on.

        For a list or a table, it shows the number of crons, and deletes them with --yes.

        Args:
            cron: c1, an id or a part of one, $cron, last; a list, a table or a frame of crons.
            mine: All crons that this session, or an earlier kernel of this notebook, made.
            yes: Delete many crons; also allow it on a protected deployment.

        Returns:
            The crons that were deleted: `.data["deleted"]`; or that would be: `.data["cron_ids"]`.

        Raises:
            UnknownReference: no match, or more than one match, for this name. NotFound: it was deleted meanwhile.

        Example:
            %lg_cron delete --mine
        """

cron: _Cron

def debug(switch: Literal["on", "off", ""] = "") -> Facts:
    """Show whole tracebacks of errors (on), or one line (off).

    Args:
        switch: on or off; without it, what is set.

    Example:
        %lg_debug on
    """
