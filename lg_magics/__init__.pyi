"""LangGraph in a notebook: each command as a function, with its types. Generated; `make docs` writes it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
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
        api_key_env: The environment variable that holds the deployment's key; with local, one that its custom auth wants.
        header: A header to send with each call, K=V or K:=$name; may be repeated. Its value is shown nowhere.
        config: With local: serve the graphs of this langgraph.json.
        graph: With local: serve this one graph.
        timeout: Stop a call after this many seconds without progress; 30 by default, and 2 for the first call.
        port: With local: the port to serve on; a free one otherwise.
        allow_origin: With local: let web pages of this origin use the server, as https://smith.langchain.com for Studio.
        require_key: With local: refuse everyone without the server's key, your own programs too.
        fresh: With local: stop the server that runs and start an empty one.
        log: Show the end of the log of the embedded server in use, and connect to nothing.

    Returns:
        What was found: the deployment, its assistants, and which one is current.

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
        stop: Also stop the embedded server, and lose what it holds.
        force: With --stop: stop it although another kernel uses it.

    Raises:
        LocalServerError: another kernel uses the embedded server.

    Example:
        %lg_disconnect --stop
    """

def serve(
    graph: object = None, *, name: str | None = None, save: str | None = None, diff: bool = False, cell: bool = False
) -> Facts:
    """Serve a graph that is defined in this notebook, on the embedded server.

    The statements that ran and that the graph depends on become a file, which the server imports. The next run uses it; runs
    that are live end on the version on which they began; threads and store stay. `%%lg_serve` at the top of a cell runs the
    cell and serves the graph that it defines. Edit the cell and run it again to serve a new version.

    Args:
        graph: The graph: its name, $name, or an expression; the cell's, or the one served last, otherwise. A compiled graph, a
            builder, an agent, an entrypoint or a factory.
        name: What to call it on the server; its name in the notebook otherwise. Also confirms that another graph takes the name.
        save: Write a project into this folder instead, for `langgraph dev`, `build`, `up` and `deploy`.
        diff: Show what a new version would change instead.
        cell: Serve the graph that this cell defines; `%%lg_serve` sets it.

    Returns:
        The version, and the cells that it is made of.

    Raises:
        CommandError: there is no such graph, or the name cannot be used.
        LocalServerError: the graph cannot be imported, or only this kernel has what it needs; the version before stays.

    Example:
        %lg_serve graph
    """

def status() -> Facts:
    """Show the deployment, its version, what it can do, and the assistant, thread, defaults, live runs and crons.

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
        text: With --run: what the run says.
        run: Launch one run, and wait up to 60 s for its end. Without a text its input is empty.
        assistant: With --run: which assistant runs; the current one otherwise.

    Returns:
        A table with one row per check: what was found, and what to do about a problem. `.df` is a pandas frame.

    Raises:
        CommandError: a text or an assistant without --run.

    Example:
        %lg_doctor
    """

def set(
    *,
    context: Mapping[str, object] | None = None,
    metadata: Mapping[str, object] | None = None,
    header: Mapping[str, object] | None = None,
    card: Literal["rows", "compact"] | None = None,
    clear: bool = False,
    **values: object,
) -> Facts:
    """Set defaults for every run of this session: configurable values, and context, metadata, headers.

    Args:
        context: A value of the context, K=V; may be repeated.
        metadata: Metadata for each run, K=V.
        header: A header for each run, K=V; its value is shown nowhere.
        card: How cards show a run's steps from the next run on: a row each, or a line of them.
        clear: Start with none.
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
        metadata: Only those that carry this, as k=v; may be repeated.
        limit: At most so many.
        offset: After so many.
        all: All of them, whatever --limit is.

    Returns:
        A table with name, graph, version, config and context; `.df` also has metadata and id.

    Example:
        %lg_assistants
    """

class _Assistant:
    def __call__(self, assistant: str | None = None) -> Facts:
        """Say what is known of an assistant.

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
        """Say what is known of an assistant.

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
        yes: bool = False,
    ) -> Facts:
        """Make an assistant: a graph under a name of its own, with settings that each of its runs begins with.

        Args:
            graph: Which graph.
            name: What to call it; no other assistant may have this name.
            configurable: A configurable value, as user_id=Test or n:=3; may be repeated.
            context: A value of the context, K=V or $mapping; the server keeps it for configurable values too.
            config: A whole config, {"configurable": …, "tags": …, "recursion_limit": …}.
            description: What it is for.
            metadata: Metadata to keep with it, K=V; may be repeated.
            id: An id of your own, a UUID.
            or_update: If there is one of this name, merge this into it: so that "Run all" may come back to the line.
            yes: Do it on a protected deployment too.

        Returns:
            What was made; `.data` is the server's row.

        Raises:
            Conflict: there is one of this name. NotFound: no such graph.

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

        What you give is merged into its config and context (the server alone would replace them); --replace leaves nothing else
        in them. Metadata is always merged, by the server.

        Args:
            assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.
            configurable: A configurable value, as user_id=Test or n:=3; an empty one, user_id=, is taken away.
            context: A value of the context, K=V or $mapping; the server keeps it for configurable values too.
            config: A whole config, {"configurable": …, "tags": …, "recursion_limit": …}.
            name: A new name.
            description: A new description.
            metadata: Metadata to add, K=V; may be repeated.
            graph: Another graph.
            merge: Keep what is not named of its config and context; so it is anyway.
            replace: Let its config and context be what is given here and nothing else.
            yes: Do it on a protected deployment too.

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
            limit: At most so many.
            offset: After so many.
            all: All of them, whatever --limit is.

        Returns:
            A table with version, config and context, what changed and when; the version in force is marked.

        Example:
            %lg_assistant versions agent
        """
    def use_version(self, version: int, assistant: str | None = None, *, yes: bool = False) -> Facts:
        """Go back to a version of an assistant, or forward to one.

        The server alone brings a version's config back but not its context or graph, and runs then mix two versions: where these
        differ, the version's whole content is saved anew, as the newest version.

        Args:
            version: Its number.
            assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.
            yes: Do it on a protected deployment too.

        Returns:
            Which version is in force now; `.data` is the server's row.

        Raises:
            NotFound: the assistant has no such version.

        Example:
            %lg_assistant use-version 1 agent
        """
    def delete(self, assistant: str, *, force: bool = False, delete_threads: bool = False, yes: bool = False) -> Facts:
        """Delete an assistant with all its versions. Its threads and their runs stay, unless --delete-threads names them too.

        Args:
            assistant: Its name or id, or a part of the id.
            delete_threads: Delete its threads with all that they hold, too.
            force: Delete the one that the system made, too: nothing answers to its graph's name then.
            yes: Do it on a protected deployment too.

        Raises:
            UnknownReference: no such assistant. LgError: it is the system's own.

        Example:
            %lg_assistant delete german
        """

assistant: _Assistant

@overload
def schemas(assistant: str | None = None, *, subgraphs: Literal[False] = False) -> Schemas:
    """Say what an assistant takes and gives: input, output, state, config and context, field by field.

    Args:
        assistant: Its name, its graph's name, its id or a part of it; the current one otherwise.
        subgraphs: Those of the subgraphs of its graph, by their namespace.

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
        xray: Draw what is inside of subgraphs too, as with --run; --xray 1 draws one level of them, --no-xray none.
        run: Colour what a run did, with the edges that it took, and say how long each node took: r7, $run, last, an id.

    Returns:
        The graph, with a note on nodes to which LangGraph draws no way: `.mermaid` is its source, `.nodes` and `.edges` are
            tables, `.df` a frame of the nodes.

    Raises:
        UnknownReference: no such assistant or run.

    Example:
        %lg_graph agent
    """

def remote_graph(assistant: str | None = None, *, thread: str | None = None, stateless: bool = False) -> RemoteGraph:
    """Give langgraph's RemoteGraph of an assistant: to call it like a graph of your own, or as a node in one.

    It runs on the current thread, with this session's defaults and the key and headers of this connection. What it runs is
    not followed: it has no number and no card, and its errors are langgraph's.

    Args:
        assistant: Its name, its graph's name, its id or a part of it. Otherwise the current one; on a thread, one of the
            thread's graph, as with %lg_run.
        thread: The thread that it runs on; the current one otherwise, and none if there is none.
        stateless: Without a thread.

    Returns:
        `.invoke(…)`, `.stream(…)`, `.get_state(…)`, `.get_graph().draw_mermaid()`, and the same with an `a` before it to await.

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
    since: str | datetime | timedelta | None = None,
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
        status: Only those that are idle, pending, running, waiting (for a person), cancelled, error or timeout: how the newest
            run ended, or what it does now. With error and timeout, a column says why.
        metadata: Only those that carry this, as k=v; may be repeated.
        values: Only those whose state has this, as k=v or k:=JSON; may be repeated.
        ids: Only those of these: a list, a table or a frame.
        since: Only those that have changed since: 7d ago, or a date.
        sort: What to order them by.
        order: The largest or newest first (desc), or last (asc).
        extract: One more column, as last=values.messages[-1].content; may be repeated.
        limit: At most so many.
        offset: After so many.
        all: All of them, whatever --limit is.
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
        """Say what is known of a thread: also what it failed with, how large it is, and when it goes.

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
        """Make a thread, and make it the current one.

        Args:
            title: Its name; otherwise it is called by its first human message.
            metadata: What to keep beside it, as k=v; may be repeated.
            id: An id of your own, a UUID.
            graph: The graph that it belongs to, so that its state can be written before anything ran.
            supersteps: A history to begin with: [{"updates": [{"values": …, "as_node": "__start__"}]}]; wants --graph.
            ttl: Delete it after so long: 7d, or a number of minutes. What runs on it counts from anew.

        Raises:
            Conflict: a thread has this id already. InvalidRequest: the id is no UUID, or the history does not fit.

        Example:
            %lg_thread new
        """
    def use(self, thread: str, *, create: bool = False) -> Thread:
        """Make a thread the current one: runs go there from now on.

        Args:
            thread: t2, a name, an id or a part of one, last.
            create: Make it if there is none, under this name, so that "Run all" comes back to the same thread.

        Raises:
            UnknownReference: nothing, or more than one thing, bears this name.

        Example:
            %lg_thread use trip --create
        """
    def show(self, thread: str | None = None) -> Facts:
        """Say what is known of a thread: also what it failed with, how large it is, and when it goes.

        Args:
            thread: t2, a name, an id or a part of one, last; the current one otherwise.

        Example:
            %lg_thread show
        """
    @overload
    def copy(self, thread: str | None = None, *, from_: str | None = None, to: None = None) -> Thread:
        """Copy a thread with its history. The copy goes its own way; the current thread stays the current one.

        From or to another deployment, the steps that led to its state are written anew there: the graph must be there too. A
        message that was sent without an id gets another one.

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
        """Give a thread a name.

        Args:
            name: The new name; in quotes if it has spaces.
            thread: Which thread; the current one otherwise.
            yes: Do it on a protected deployment too.

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
        """Change what is kept beside a thread, or many: new keys are added, known ones replaced, the others stay.

        Args:
            thread: t2, a name, an id or a part of one; a list, a table or a frame of threads; the current one otherwise.
            metadata: A pair, k=v or k:=JSON; may be repeated.
            ttl: Delete it after so long from now: 7d, or a number of minutes.
            yes: Do it on a protected deployment too.

        Returns:
            The thread; of many, how many were changed.

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
        older_than: str | datetime | timedelta | None = None,
        metadata: Mapping[str, object] | None = None,
        yes: bool = False,
    ) -> Facts:
        """Delete a thread, or many, with all that they hold, and their crons. A live run is cancelled first.

        Of a list, a table or a filter, it says how many threads there are, and deletes them with --yes.

        Args:
            thread: t2, a name, an id or a part of one; a list, a table or a frame of threads; the current one otherwise.
            status: All that are idle, pending, running, waiting, cancelled, error or timeout.
            older_than: All that have not changed for so long, or since a date.
            metadata: All that carry this, as k=v; may be repeated.
            yes: Delete them, if they are many; and on a protected deployment too.

        Returns:
            What was deleted, or what would be: `.data["thread_ids"]`.

        Example:
            %lg_thread delete t2
        """
    def prune(
        self,
        thread: object = None,
        *,
        status: Literal["idle", "pending", "running", "waiting", "cancelled", "error", "timeout"] | None = None,
        older_than: str | datetime | timedelta | None = None,
        metadata: Mapping[str, object] | None = None,
        yes: bool = False,
    ) -> Facts:
        """Delete the history of threads but the newest state of each. Nothing can be forked from what is gone.

        It says how many threads there are, and prunes them with --yes. The in-memory server cannot do it.

        Args:
            thread: t2, a name, an id or a part of one; a list, a table or a frame of threads; the current one otherwise.
            status: All that are idle, pending, running, waiting, cancelled, error or timeout.
            older_than: All that have not changed for so long, or since a date.
            metadata: All that carry this, as k=v; may be repeated.
            yes: Prune them; and on a protected deployment too.

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

    It returns at once. The run goes on, on the deployment, whatever becomes of this kernel.

    Args:
        text: What to say, verbatim to the end of the line; it becomes one human message.
        assistant: Which assistant runs, whatever the thread's graph is; NAME@2 with the config of that version. Otherwise one of
            the thread's graph: the current one, the one that this session last used there, or the graph's own. On a new thread
            it is the current one.
        thread: Which thread it runs on: t2, an id, `new`; the current one otherwise. For this run only, but for `new`.
        stateless: Without a thread: nothing is kept, and the run vanishes when it ends.
        input: The graph's whole input, a Python object; without a text.
        json: Read the text as JSON, and send it as the graph's whole input.
        configurable: A configurable value, as user_id=Test or n:=3; may be repeated.
        wait: Wait until it has ended.
        timeout: With --wait: give up waiting after so many seconds. The run goes on.
        rewind: Start again from where this cell's earlier run on the thread started; its answer stays as a branch.
        once: If this cell's earlier run is still live, attach to it and launch nothing.
        card: Show a card; --no-card shows one line and asks the deployment for less.
        config: A whole config, {"configurable": …, "tags": …, "recursion_limit": …}.
        context: The graph's static context, a mapping.
        metadata: Metadata to keep with the run, as k=v; may be repeated.
        header: A header for this call, as x-user-id=lance; its value is shown nowhere.
        multitask: What to do while a run is live on the thread: enqueue (the server's way) waits for it, reject launches
            nothing, interrupt cancels it and keeps what it did, rollback cancels it and takes that back.
        checkpoint: Go on from this checkpoint of the thread instead of its head: step:4, b2:4, or an id.
        interrupt_before: Stop before these nodes, a,b, or * for each; %lg_resume goes on.
        interrupt_after: Stop after these nodes, or after each.
        after: Start so many seconds from now.
        webhook: An address that the deployment calls when the run has ended.
        durability: When checkpoints are written: async (the server's way), sync before each next step, exit only at the end.
        goto: Without an input: go on at this node, whatever would run next. A question that waits there is left.
        update: Without an input: write this into the state first, a mapping or JSON; the graph's reducers apply.
        trace_project: The LangSmith project that the deployment traces this run to, where it traces runs at all.
        example: The id of the LangSmith example that the run is traced as a result of.
        subgraphs: Let `run.stream()` and %lg_stream tell of subgraphs' nodes too. A card shows them anyway.
        mode: More stream modes for `run.stream()` to have, a,b: values, messages, checkpoints, debug, events.
        keep: With --stateless: keep the thread that the deployment makes for the run.
        discard_interrupt: Send new input although the thread waits for an answer, which is then lost.
        key: The key of the graph's input that takes the text as a message; its schema tells it otherwise (`messages`).
        check: Hold the input against the graph's schemas, and the nodes to stop at against its nodes, first; --no-check sends it
            whatever it is.
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
    """Launch a run and print what its models say, token by token, until it ends.

    A dropped connection goes on where it was. A kernel interrupt ends the watching; the run goes on.

    Args:
        text: What to say, verbatim to the end of the line; it becomes one human message.
        mode: Print these stream modes, a,b: values, updates, messages, custom, tasks, checkpoints, debug, events.
        cancel_on_interrupt: Let a kernel interrupt cancel the run as well.
        launching: The other options are those of `run`.

    Returns:
        The run.

    Raises:
        RunFailed: the graph raised an error; likewise RunTimedOut and RunDeleted. What it said before is printed.
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

    It returns at once. Each row gets a thread of its own, on which all that is needed to go on is written before the first run
    is launched: after a kernel restart `--attach` goes on, and launches no row twice.

    Args:
        frame: A DataFrame, a list of dicts, a mapping of columns; a file that ends in .csv, .tsv, .json or .jsonl; or, where
            LANGSMITH_API_KEY is set, the name of a LangSmith dataset.
        input: A template, "Weather in {city}?", whose text becomes one human message; or a column, whose dicts and lists
            are the graph's whole input, and whose other cells are messages. Literal braces are doubled.
        assistant: Which assistants run, each on every row; the current one otherwise. NAME@2 is version 2 of one. {column} is
            the one that the row names.
        concurrency: How many runs at a time, at most 64; 10 otherwise.
        per_minute: Launch at most so many in a minute.
        repeat: How often each row runs with each assistant; 1 otherwise.
        score: A function, several, or a mapping from names to functions, called for each good run. It takes any of outputs,
            reference_outputs, inputs, run, example (as LangSmith's evaluators do), output and row, by name, and returns a bool,
            a number, a text, {"key", "score", "comment"}, or a list of those. Each score is a column.
        reference: The column whose cells are the scorers' `reference_outputs`; of a LangSmith dataset its outputs otherwise.
        dry_run: Say what would be run, and send nothing.
        max_tokens: Launch no more rows when the batch has used so many tokens.
        configurable: A configurable value for each run, as user_id=Test or n:=3, or the row's own, as prompt={prompt}; may
            be repeated.
        wait: Wait until all have ended.
        timeout: With --wait: give up waiting after so many seconds. The batch goes on.
        attach: Go on with this batch of the deployment; without a frame. What was not kept because it looks secret is
            given again, with -c, --config, --context or --metadata.
        yes: Do it on a protected deployment too.
        stateless: With --keep: let each run make its thread itself. Such a batch cannot be attached to.
        keep: Keep the threads of stateless runs, from which their results come.
        config: A whole config for each run, {"configurable": …, "tags": …, "recursion_limit": …}.
        context: The graph's static context, a mapping.
        metadata: Metadata to keep with each run, as k=v or k={column}; may be repeated.
        header: A header for each launch, as k=v; its value is shown and kept nowhere.
        key: The key of the graph's input that takes a text as a message; its schema tells it otherwise (`messages`).
        check: Hold the first row's input and settings against the graph's schemas first, with --dry-run and --attach too;
            --no-check sends them whatever they are.

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
    """Compare two batches, two assistants of one batch, or a saved file with a batch; or put one question to two assistants.

    Rows are paired by their cells, and runs by row and repeat. It shows for each score both means, the mean difference with its
    95 % interval (a bootstrap over the rows, the same each time), and how many rows are better, worse or the same; then tokens,
    seconds, and the rows that changed, the worst first. It waits for batches that are not over.

    Args:
        before: What to compare with: a batch, its id, or a file of batch.save("baseline.jsonl").
        after: What is compared: a batch, its id, or a file.
        text: With -a A,B: a question for both assistants. Each run is on its own copy of the current thread.
        assistant: Two assistants; or the one of both batches that is compared.
        fail_below: Raise an error, in one line, if the difference of a score is below this, as -0.02, or a score that was there
            is not there any more, or its scorer fails.
        repeat: With TEXT: how often each assistant is asked; 1 otherwise.
        score: With TEXT: what scores the answers, as for %lg_batch.
        thread: With TEXT: which thread is copied; the current one otherwise, if there is one.
        yes: Do it on a protected deployment too.
        key: With TEXT: the key of the graphs' inputs that takes it as a message; their schemas tell it otherwise (`messages`).
        check: With TEXT: refuse a question that one of the graphs surely cannot take; --no-check asks it all the same.

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
    """Check that a run calls the tools that a file of `run.freeze("golden.json")` says, with these arguments, in this order.

    What is said in texts does not count. A mismatch is an error in one line, and an assertion to pytest. It waits for the run.

    Args:
        run: The run: its handle, number or id.
        file: The file.
        order: strict: exactly these calls in this order; unordered: exactly these calls; subset: at least these, in this order.
        ignore: Arguments that may differ, as body or send_mail.body, separated by commas.

    Returns:
        The run.

    Raises:
        CheckFailed: the run does something else.
        CommandError: the file says nothing of a run.

    Example:
        %lg_check $run golden.json --order subset
    """

@overload
def wait(batch: Batch, /, *, all: Literal[False] = False, timeout: float | None = None) -> Batch:
    """Wait for runs to end, and show how they ended.

    Args:
        references: Runs: r7, $run, last, an id, a list of them; the last one otherwise. Or batches: $batch.
        all: All live runs and batches of this session.
        timeout: Give up waiting after so many seconds. The runs go on.

    Returns:
        The run, or the batch; a table where there are several.

    Raises:
        RunFailed: the graph raised an error; likewise RunTimedOut and RunDeleted. Of several runs all are waited for first,
            the table is shown, and one error names those that did not end well.
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
        mine: All live runs and batches of this session; never anybody else's.
        rollback: Also delete each run, and take back what it did to its thread. What a batch left is kept.

    Returns:
        The run, or the batch; a table where there are several, whose note names those that had ended before.

    Raises:
        AlreadyEnded: the run has ended, or each of several; not with --mine, which passes over them.

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
    """Follow a run again after a kernel restart, or one that was launched elsewhere: its card lives again.

    A run that has ended meanwhile shows its outcome.

    Args:
        reference: Which run: an id or the end of one, as %lg_runs shows it, on the current thread or another of this notebook;
            of another notebook, its whole id. The current thread's newest otherwise.
        mine: All runs of this notebook that are live, and how the newest run of each of its cells ended.
        thread: Whose runs; the current thread otherwise.
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
    """Watch a thread: each run that is live there, and each that begins, gets its card here, whoever launched it.

    A kernel interrupt ends it; the runs go on.

    Args:
        thread: Which thread; the current one otherwise.
        runs: End when so many runs were shown and have ended.
        timeout: End after so many seconds.

    Returns:
        A table of the runs that were shown.

    Raises:
        NotFound: no such thread.

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
    """Answer what a thread waits for, or go on where it stopped at a breakpoint.

    A question takes the rest of the line, verbatim; a lone $name is that Python object. A question with a schema takes
    name=value for each field. A tool call takes --approve, --edit name=value, --reject [WHY] or --respond TEXT, as far as the
    graph allows it. Without an answer the thread goes on at a breakpoint. What can be checked is checked before it is sent: tool
    calls and schemas. The question is read again first: one that you have not seen is shown, not answered.

    It runs on the thread's graph, with the config that it waited with: on the current assistant if that has the graph, else on
    the one that this session last used there, else on the graph's own.

    Args:
        answer: What the graph gets. With several questions open, a mapping {number, node or id: answer} answers them at once.
        thread: Which thread; the current one otherwise.
        interrupt: Which question, where several are open: its number, its node, its id, or a unique part of it. The others keep
            their numbers when it is answered.
        action: Which tool call, where a question asks about several: its number. The answer is sent when each has its decision.
        json: Read the answer as JSON.
        approve: Approve the tool call, or all of them.
        accept: The same, as the Agent Inbox calls it.
        edit: Approve it with other arguments: name=value, or all of them as a JSON object or $mapping.
        reject: Reject it; the rest of the line says why.
        respond: Answer with a text in place of the tool.
        ignore: Reject it, as the Agent Inbox calls it.
        again: After an answer that made the graph fail: go back to the question, also if other tasks run again by that.
        wait: Wait until the run has ended.
        timeout: With --wait: give up waiting after so many seconds. The run goes on.
        card: Show a card; --no-card shows one line and asks the deployment for less.
        interrupt_before: Stop again before these nodes, a,b.
        interrupt_after: Stop again after these nodes.
        version: Go on with this version of a graph that was served from a notebook; with the current one otherwise.

    Returns:
        The new run, on the same thread. With --action, what is still to be decided, if something is.

    Raises:
        CommandError: the answer does not fit the question, or it is not clear which question is meant. Nothing was sent.
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
    """List the deployment's threads that wait for a person: what they ask, or where they stopped at a breakpoint.

    A thread is listed too if an answer made it fail, and its question is still open; of those in error the newest 50 are
    read. With --approve or --reject, one decision goes to every call of a tool in the list: first what would be decided is
    shown, and the same line again sends it. Calls that came meanwhile are shown before they are decided on.

    Args:
        approve: Approve the calls of this tool.
        reject: Reject the calls of this tool.
        limit: At most so many, the newest change first.
        offset: After so many.
        all: All of them, whatever --limit is.

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
        """List the runs of a thread, newest first, or those of this session.

        Args:
            thread: Which thread; the current one otherwise.
            mine: The runs of this session, on all threads.
            status: Only these.
            limit: At most so many.
            offset: After so many.
            all: All of them, whatever --limit is.
            open: On a page: choose a row, and cancel the run there; the rows follow the runs. Close leaves the table.

        Returns:
            A table; `.df` is a pandas frame.

        Example:
            %lg_runs
        """
    def delete(self, *references: object, yes: bool = False) -> Facts:
        """Delete runs that have ended, with the checkpoints that they left: their thread goes back to what was before.

        What a later run left is kept. Several are counted first, and deleted with --yes.

        Args:
            references: Runs: r7, $run, last, an id, a list of them; the last one otherwise.
            yes: Delete them, if they are several; and on a protected deployment too.

        Returns:
            What was deleted, or what would be: `.data["run_ids"]`.

        Raises:
            UnknownReference: no such run. LgError: one is still live.

        Example:
            %lg_runs delete r7
        """

runs: _Runs

def usage(what: object = None, *, all: bool = False) -> Table:
    """Show the tokens that models counted, by node and model: in, out, cached, reasoning.

    The nodes are known of runs that this session has watched on a card; elsewhere only the models, from the conversation.
    `lg.prices = {"model": (in, out)}`, for a million tokens each, adds what they cost.

    Args:
        what: A run (r7, $run, last), a thread (t2), or a batch ($batch); the current thread otherwise.
        all: All runs of this session.

    Returns:
        A table; `.df` is a pandas frame.

    Raises:
        UnknownReference: no such run or thread. CommandError: a price that is no pair of numbers.

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
        """Show what a thread holds: its values, what would run next, errors, and what it waits for; or many threads as one table.

        Args:
            checkpoint: As it was then: step:4, b2:4, or an id; as it is now otherwise.
            subgraphs: Show the states of the subgraphs that it waits in too, at any depth.
            subgraph: Show the state of this subgraph alone: mail, team:mail, or mail#2 of several in one step.
            thread: Which thread; a list, a table or a frame of threads; the current one otherwise.

        Returns:
            The state: `.values`, `.next`, `.interrupts`, `.messages`, and with --subgraphs `.subgraphs["team:mail"].values`.
            Of many threads a table: `.df` has a column for each value.

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
    ) -> Facts:
        """Write into a thread's state: a new checkpoint, which is the head from now on.

        Args:
            values: What to write, a mapping or JSON; the graph's reducers apply.
            as_node: Write it as if this node had, which decides what runs next.
            at: Write it after this checkpoint: step:4, b2:4, or an id; the head otherwise.
            subgraph: Write into this subgraph, which the thread waits in: mail, team:mail, or mail#2 of several in one step.
            thread: Which thread; the current one otherwise.
            yes: Do it on a protected deployment too.

        Raises:
            InvalidRequest: no such node, values that do not fit, or a thread that never ran.
            Conflict: a run is live on the thread. UnknownReference: no such subgraph.
            CommandError: the thread does not wait in the subgraph.

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
        thread: Which thread; a list, a table or a frame of threads; the current one otherwise.
        last: Only the last N of each thread.
        role: Only those of human, ai, tool or system.
        search: Only those that say this.
        raw: As they came from the server; of one thread.
        to: Write them to this file too: Markdown, a web page, or JSON with one message a line. A file that is there is kept as
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
    """Go on from an earlier checkpoint of the thread: with other values, or with a message rewritten.

    The head of the thread moves to the new branch, where the next run goes on. The old branch stays: %lg_history shows both.

    Args:
        checkpoint: Where to begin: step:1, b2:4, or an id.
        text: With --message: the message's new text.
        values: What to write into the state there, a mapping; the graph's reducers apply.
        as_node: Write it as if this node had.
        message: Rewrite this message: its id, a part of it, or its place (0 is the first, -1 the last).
        run: Run on from there, without new input.
        wait: With --run: wait until it has ended.
        card: With --run: show a card.
        assistant: With --run: which assistant runs, whatever the thread's graph is; otherwise one of the thread's graph, as
            with %lg_run.
        subgraph: Of this subgraph, which the thread waits in: mail, team:mail, or mail#2 of several in one step.
        thread: Whose checkpoint it is; the current thread's otherwise.
        yes: Do it on a protected deployment too.
        check: Check the values, and with --run the settings, by the graph's schemas first; --no-check sends them unchecked.

    Returns:
        The run, with --run; what is the head now, otherwise.

    Raises:
        UnknownReference: no such checkpoint, message or subgraph. Conflict: a run is live on the thread.
        CommandError: the values, or a setting, are surely wrong by the graph's schemas; the thread does not wait in the subgraph.

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
    """List a thread's checkpoints, newest first, each with what it changed.

    A kernel interrupt keeps the rows that have come so far.

    Args:
        thread: Which thread; the current one otherwise.
        limit: At most so many.
        offset: After so many.
        all: All of them, whatever --limit is, in pages; only what changed is kept of each.
        before: Only those older than this one: step:4, b2:4, or an id.
        subgraph: Those of this subgraph: mail, team:mail, or mail#2 of several in one step. The thread waits in it, or it is the
            last that ran.
        open: On a page: choose a row, see its change and state, fork from there; Close leaves the table.

    Returns:
        The history: `.df` has a row for each checkpoint, `.messages_df` one for each message.

    Raises:
        UnknownReference: no such thread, checkpoint or subgraph.

    Example:
        %lg_history --all
    """

def diff(a: object, b: object, *, subgraph: str | None = None, thread: str | None = None) -> Diff:
    """Show what differs between two states: messages by their id, other values by their path.

    Args:
        a: The earlier one: a checkpoint (step:2, b1:2, an id), a thread (t1), or a run (r3: the state that it left).
        b: The later one.
        subgraph: The checkpoints are of this subgraph: mail, team:mail, or mail#2 of several in one step.
        thread: Whose checkpoints are meant; the current thread's otherwise.

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
            filter: A condition on a field: k=v and k!=v are about a text, k:=v and k!:=v about JSON, k>v, k>=v, k<v, k<=v
                about a number; may be repeated, and all must be true.
            query: Rank by nearness to this text, where the deployment's store has an index.
            refresh_ttl: Count the items' time to live from anew; --no-refresh-ttl does not, whatever the deployment's rule is.
            limit: At most so many.
            offset: After so many.
            all: All of them, whatever --limit is, in pages.
            open: On a page: choose an item, see, edit or delete it; Close leaves the table.

        Returns:
            The items: `.df` has a row for each, `.items` has them as the server does.

        Raises:
            CommandError: no such namespace can be. InvalidRequest: an item's field cannot be compared.
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
            filter: A condition on a field: k=v and k!=v are about a text, k:=v and k!:=v about JSON, k>v, k>=v, k<v, k<=v
                about a number; may be repeated, and all must be true.
            query: Rank by nearness to this text, where the deployment's store has an index.
            refresh_ttl: Count the items' time to live from anew; --no-refresh-ttl does not, whatever the deployment's rule is.
            limit: At most so many.
            offset: After so many.
            all: All of them, whatever --limit is, in pages.
            open: On a page: choose an item, see, edit or delete it; Close leaves the table.

        Returns:
            The items: `.df` has a row for each, `.items` has them as the server does.

        Raises:
            CommandError: no such namespace can be. InvalidRequest: an item's field cannot be compared.
            Unsupported: this deployment has no store.

        Example:
            %lg_store search todo/general/Test
        """
    def get(self, namespace: object, key: str, *, refresh_ttl: bool | None = None) -> Item:
        """Show one item with its whole value.

        Args:
            namespace: Its namespace: todo/general/Test, or a $tuple of labels.
            key: Its key; in quotes if it has spaces.
            refresh_ttl: Count its time to live from anew; --no-refresh-ttl does not, whatever the deployment's rule is.

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
        """Put an item into the store, in place of the one that is there.

        Args:
            namespace: Its namespace: todo/general/Test, or a $tuple of labels.
            key: Its key; in quotes if it has spaces or an =.
            value: Its value: a JSON object or a $mapping.
            fields: The value's fields instead, or on top of it: k=v is a text, k:=v JSON or a $name.
            ttl: Minutes until it goes; the deployment's own rule otherwise. (The in-memory server keeps it for good.)
            index: Which fields --query looks at, with commas between them, or none; the deployment's own rule otherwise.
            yes: Do it on a protected deployment too.

        Returns:
            Whether it was new: `result["replaced"]` is the item that was there before, or None.

        Raises:
            CommandError: the value is no mapping, or holds what would come back changed.

        Example:
            %lg_store put notes/Test trip {"city": "Hong Kong", "days": 5}
            %lg_store put notes/Test trip city="Hong Kong" days:=5
        """
    def delete(self, namespace: object, key: str, *, yes: bool = False) -> Facts:
        """Delete an item from the store, and say what it was.

        Args:
            namespace: Its namespace: todo/general/Test, or a $tuple of labels.
            key: Its key; in quotes if it has spaces.
            yes: Do it on a protected deployment too.

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
        """List the namespaces of the store, with how many items are under each where they are few.

        The in-memory server also lists namespaces that were only asked for, and hold nothing.

        Args:
            prefix: Only those that begin with these labels; * stands for any one label.
            suffix: Only those that end with these labels.
            depth: Cut each after so many labels, counted from the root.
            limit: At most so many.
            offset: After so many.
            all: All of them, whatever --limit is, in pages.

        Returns:
            A table: `.df` has `labels`, the namespaces as lists.

        Example:
            %lg_store namespaces --depth 1
        """
    def load(self, namespace: object, source: object = None, *, key: str | None = None, yes: bool = False) -> Facts:
        """Load the rows of a frame into a namespace, or an export back to where it came from.

        Each row becomes an item: the other columns are its value. Empty cells (NaN, NaT, NA) are left out, None is null, times
        are ISO texts. An item with the same key is replaced. Two rows with one key are refused before anything is sent.

        Args:
            namespace: Where the rows go: todo/general/Test, or a $tuple. For an export this is all: its file, or $exported.
            source: The frame, or a list of mappings.
            key: With a frame: the column that holds the keys, which are texts or whole numbers.
            yes: Do it on a protected deployment too.

        Returns:
            How many were written.

        Raises:
            CommandError: something in a row would come back changed; nothing is written.
            DeploymentError: the deployment refused a row; the message names it, and says how many were written.
            LoadInterrupted: a kernel interrupt; the message says how many were written.

        Example:
            %lg_store load notes/Test $frame --key id
        """
    def export(self, namespace: object = None, *, all: bool = False, to: str | None = None) -> Export:
        """Export all items under a namespace; %lg_store load brings them back as they were.

        Args:
            namespace: Which: todo/general/Test, or a $tuple of labels.
            all: Where no namespace is given: the whole store.
            to: Write them to this file, one item a line or as one list; a file that is there is replaced and kept as FILE~.

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
        metadata: Only those that carry this, as k=v; may be repeated.
        enabled: Only those that fire; --no-enabled: only those that are paused.
        limit: At most so many.
        offset: After so many.
        all: All of them, whatever --limit is.
        open: On a page: choose a row, and pause, resume or delete the cron there; Close leaves the table.

    Returns:
        A table with each cron's schedule in words and whose it is; `.df` has the next time as UTC.

    Raises:
        Unsupported: this deployment has no crons.

    Example:
        %lg_crons
    """

class _Cron:
    def __call__(self, cron: object = "last") -> Cron:
        """Say what is known of a cron.

        Args:
            cron: c1, an id or a part of one, $cron; the last one made otherwise.

        Raises:
            UnknownReference: nothing, or more than one thing, bears this name. NotFound: it was deleted meanwhile.

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
        """Let the deployment launch a run again and again, until the cron is deleted.

        Without --thread each run begins on a thread of its own, and is deleted with it when it ends: --keep keeps it.

        Args:
            schedule: Minute, hour, day of the month, month, day of the week, in quotes: "0 9 * * MON-FRI".
            text: What to say each time, verbatim to the end of the line; it becomes one human message.
            assistant: Which assistant runs; the current one otherwise. With --thread, one of the thread's graph, as with %lg_run.
            thread: Run on this thread, which goes on each time; the cron goes with it when it is deleted.
            timezone: The time zone of the schedule, as Europe/Berlin; UTC otherwise.
            until: The end: 7d, 2027-01-31, "2027-01-31 18:00" (in --timezone, or else in this machine's), or a $datetime.
            keep: Keep each run's thread. They pile up until somebody deletes them.
            disabled: Make it paused; %lg_cron resume lets it fire.
            input: The graph's whole input, a Python object; without a text.
            json: Read the text as JSON, and send it as the graph's whole input.
            configurable: A configurable value, as user_id=Test or n:=3; may be repeated.
            context: The graph's static context, a mapping.
            metadata: Metadata of the cron, its runs and their threads, as k=v; may be repeated.
            header: A header for the call that makes it, as x-user-id=lance; its value is shown nowhere.
            webhook: An address that the deployment calls when each run has ended.
            multitask: With --thread: what to do while a run is live there, as with %lg_run.
            interrupt_before: Stop each run before these nodes, a,b, or * for each.
            interrupt_after: Stop each run after these nodes, or after each.
            durability: When checkpoints are written: async, sync or exit, as with %lg_run.
            mode: Stream modes that each run keeps for `run.stream()`, a,b: values, messages, checkpoints, debug, events.
            subgraphs: With --mode: stream the nodes of subgraphs too.
            yes: Do it on a protected deployment too.
            key: The key of the graph's input that takes the text as a message; its schema tells it otherwise (`messages`).
            check: Refuse an input that the graph surely cannot take; --no-check leaves that to each run.

        Returns:
            The cron: `.cron_id`; `.data` is the server's row.

        Raises:
            CommandError: the schedule is none; the message says which field is wrong.
            NotFound: no such thread. Unsupported: this deployment has no crons.

        Example:
            %lg_cron create --keep --timezone Europe/Berlin "0 9 * * MON-FRI" What's on my list today?
        """
    def show(self, cron: object = "last") -> Cron:
        """Say what is known of a cron.

        Args:
            cron: c1, an id or a part of one, $cron; the last one made otherwise.

        Raises:
            UnknownReference: nothing, or more than one thing, bears this name. NotFound: it was deleted meanwhile.

        Example:
            %lg_cron show c1
        """
    def runs(self, cron: object = "last", *, limit: int = 10, offset: int = 0, all: bool = False) -> Table:
        """List what a cron has run, newest first.

        Of a cron without a thread that keeps nothing, only runs that have not ended are there.

        Args:
            cron: c1, an id or a part of one, $cron; the last one made otherwise.
            limit: At most so many.
            offset: After so many.
            all: All of them, whatever --limit is.

        Returns:
            A table of runs; `.df` is a pandas frame. %lg_messages -t THREAD reads what one said.

        Raises:
            UnknownReference: nothing, or more than one thing, bears this name. NotFound: it was deleted meanwhile.

        Example:
            %lg_cron runs c1
        """
    def pause(self, cron: object, *, yes: bool = False) -> Cron:
        """Pause a cron: it does not fire until it is resumed. A run that it has launched goes on.

        Args:
            cron: c1, an id or a part of one, $cron, last.
            yes: Do it on a protected deployment too.

        Raises:
            UnknownReference: nothing, or more than one thing, bears this name. NotFound: it was deleted meanwhile.

        Example:
            %lg_cron pause c1
        """
    def resume(self, cron: object, *, yes: bool = False) -> Cron:
        """Let a paused cron fire again, from its next time on: what it missed is not made up for.

        Args:
            cron: c1, an id or a part of one, $cron, last.
            yes: Do it on a protected deployment too.

        Raises:
            UnknownReference: nothing, or more than one thing, bears this name. NotFound: it was deleted meanwhile.

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
        """Change a cron: what is not named stays.

        Args:
            cron: c1, an id or a part of one, $cron, last.
            text: What to say each time from now on.
            schedule: A new schedule, in quotes: "0 10 * * *".
            timezone: The time zone of the schedule, as Europe/Berlin or UTC.
            until: A new end, as 7d or 2027-01-31; never takes it away.
            keep: Keep each run's thread, or, with --no-keep, delete it when the run ends.
            enabled: Let it fire, or pause it with --no-enabled.
            input: The graph's whole input, a Python object; without a text.
            json: Read the text as JSON, and send it as the graph's whole input.
            configurable: A configurable value, as user_id=Test or n:=3; merged into those it has.
            context: The graph's static context, a mapping; in place of the one it has.
            metadata: Metadata to add, as k=v; may be repeated.
            header: A header for this call, as x-user-id=lance; its value is shown nowhere.
            webhook: An address that the deployment calls when each run has ended.
            interrupt_before: Stop each run before these nodes, a,b, or * for each.
            interrupt_after: Stop each run after these nodes, or after each.
            durability: When checkpoints are written: async, sync or exit, as with %lg_run.
            mode: Stream modes that each run keeps for `run.stream()`, a,b: values, messages, checkpoints, debug, events.
            subgraphs: With --mode: stream the nodes of subgraphs too.
            yes: Do it on a protected deployment too.
            key: The key of the graph's input that takes the text as a message; its schema tells it otherwise (`messages`).
            check: Refuse an input that the graph surely cannot take; --no-check leaves that to each run.

        Raises:
            CommandError: nothing to change, a schedule that is none, or an input that the graph surely cannot take.
            UnknownReference: nothing, or more than one thing, bears this name. NotFound: it was deleted meanwhile.

        Example:
            %lg_cron update c1 --schedule "0 10 * * *" --until never
        """
    def delete(self, cron: object = None, *, mine: bool = False, yes: bool = False) -> Facts:
        """Delete a cron. A run that it has launched goes on.

        Args:
            cron: c1, an id or a part of one, $cron, last.
            mine: All that this session, or an earlier kernel of this notebook, made.
            yes: Do it on a protected deployment too.

        Raises:
            UnknownReference: nothing, or more than one thing, bears this name. NotFound: it was deleted meanwhile.

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
