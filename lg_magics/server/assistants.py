"""Assistants of a deployment: rows, versions, graphs and schemas. Rejects a row whose id or graph is not the requested one."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from lg_magics.errors import InvalidRequest, NotFound, Unsupported
from lg_magics.model.records import AssistantRecord, mapping_from, records_of
from lg_magics.model.references import is_full_id
from lg_magics.server.calls import M, Resource, call
from lg_magics.server.capabilities import SEARCH_ASSISTANTS
from lg_magics.server.paging import Fetch, Page

if TYPE_CHECKING:
    from langgraph_sdk.client import LangGraphClient

__all__ = ["Assistants"]

HINT = "%lg_assistants lists them."
FEATURE = "list of assistants"
CHECK_WITH = "%lg_assistants"
FIRST = 100
"""The size of the first page: every server returns that many rows at a time."""


class Assistants(Resource[M]):
    """`connection.assistants`."""

    async def _search(self, limit: int, offset: int, *, missing: str = "", **what: Any) -> Page[AssistantRecord]:
        return Page(
            await self._ask(
                lambda sdk: sdk.assistants.search(limit=limit, offset=offset, **what),
                partial(records_of, AssistantRecord),
                "read the assistant" if missing else "list the assistants",
                missing=missing,
                hint=HINT,
                feature="" if missing else FEATURE,
            )
        )

    @call
    async def all(self) -> list[AssistantRecord]:
        """All assistants, by name.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        fetch = partial(self._search, sort_by="name", sort_order="asc")
        rows = list((await fetch(FIRST, 0)).rows)
        if len(rows) < FIRST:
            return rows
        known = {row.assistant_id for row in rows}
        return rows + [row for row in await self._all(fetch, len(rows)) if row.assistant_id not in known]

    async def _all(self, fetch: Fetch[AssistantRecord], offset: int = 0) -> list[AssistantRecord]:
        found = await self._listing(SEARCH_ASSISTANTS, fetch, lambda row: row.assistant_id, limit=None, offset=offset)
        return found.rows

    @call
    async def search(
        self, *, graph: str | None = None, name: str | None = None, metadata: Mapping[str, Any] | None = None
    ) -> list[AssistantRecord]:
        """Search assistants by graph, by a text in their name, and by metadata.

        Raises:
            DeploymentError: the deployment does not answer, or refuses the request.
        """
        given = {"graph_id": graph, "name": name, "metadata": dict(metadata) if metadata else None}
        filters: dict[str, Any] = {key: value for key, value in given.items() if value}
        known = await self._known()
        if ignored := [each for each in filters if not known.takes(SEARCH_ASSISTANTS, each)]:
            raise Unsupported(f"The search for assistants of {self._connection.url} has no {' and no '.join(ignored)}.")
        missing = f"graph '{graph}'" if graph else ""  # langgraph-api answers 404 to a graph that it does not have
        return await self._all(partial(self._search, missing=missing, sort_by="name", sort_order="asc", **filters))

    @call
    async def find(self, assistant_id: str) -> AssistantRecord:
        """Return the assistant with this id.

        Raises:
            NotFound: no assistant has this id. DeploymentError: the deployment does not answer, or refuses the request.
        """
        missing = f"assistant '{assistant_id}'"
        row = await self._ask(
            lambda sdk: sdk.assistants.get(assistant_id),
            AssistantRecord,
            "read the assistant",
            missing=missing,
            hint=HINT,
        )
        if row.assistant_id != assistant_id.lower():
            raise self._no_assistant(assistant_id)
        return row

    @call
    async def of_system(self, graph: str) -> AssistantRecord:
        """Return the assistant that the server created for a graph.

        Raises:
            NotFound: there is none. DeploymentError: the deployment does not answer, or refuses the request.
        """
        return await self._of_system(graph)

    async def _of_system(self, graph: str) -> AssistantRecord:
        filters: dict[str, Any] = {"graph_id": graph, "metadata": {"created_by": "system"}}
        search = partial(self._search, missing=f"assistant '{graph}'", **filters)
        found = list((await search(limit=1, offset=0)).rows)
        if found and not _is_system_of(found[0], graph):  # the server ignores the filters
            found = await self._all(search)
        row = next((each for each in found if _is_system_of(each, graph)), None)
        if row is None:
            raise self._no_assistant(graph)
        return row

    def _no_assistant(self, name: str) -> NotFound:
        return NotFound(f"No assistant '{name}' on {self._connection.url}.", hint=HINT, status_code=404)

    # -- changes ------------------------------------------------------------------------------------------------

    @call
    async def create(self, graph: str, what: Mapping[str, Any]) -> AssistantRecord:
        """Create an assistant of a graph; `what` holds the SDK's arguments.

        Raises:
            NotFound: no such graph. DeploymentError: the deployment does not answer, or refuses the request.
        """
        given = {"assistant_id": str(uuid.uuid4()), **what}

        async def find() -> AssistantRecord | None:
            try:
                return await self._ask(
                    lambda sdk: sdk.assistants.get(given["assistant_id"]), AssistantRecord, "read the assistant"
                )
            except NotFound:
                return None

        return await self._write(
            lambda sdk: sdk.assistants.create(graph, **given),
            AssistantRecord,
            "make the assistant",
            check_with=CHECK_WITH,
            find=find,
            missing="such graph",
        )

    @call
    async def update(self, assistant_id: str, shown: str, what: Mapping[str, Any]) -> AssistantRecord:
        """Create a new version of an assistant; `shown` is its name in errors, `what` holds the SDK's arguments."""
        missing = f"graph '{what['graph_id']}'" if "graph_id" in what else f"assistant '{shown}'"

        def send(sdk: LangGraphClient) -> Awaitable[object]:
            if what.get("description") == "":  # the SDK leaves an empty one out
                return sdk.http.patch(f"/assistants/{assistant_id}", json=dict(what))
            return sdk.assistants.update(assistant_id, **what)

        return await self._write(
            send,
            AssistantRecord,
            "update the assistant",
            check_with="%lg_assistant versions",
            missing=missing,
            hint=HINT,
        )

    @call
    async def delete(self, assistant_id: str, shown: str) -> None:
        """Delete an assistant with all its versions."""
        await self._write(
            lambda sdk: sdk.assistants.delete(assistant_id),
            lambda _: None,
            "delete the assistant",
            check_with=CHECK_WITH,
            missing=f"assistant '{shown}'",
        )

    @call
    async def versions(self, assistant_id: str, shown: str, *, limit: int) -> list[AssistantRecord]:
        """Return the versions of an assistant, newest first, at most `limit`."""
        return await self._ask(
            lambda sdk: sdk.assistants.get_versions(assistant_id, limit=limit),
            partial(records_of, AssistantRecord),
            "list the versions",
            missing=f"assistant '{shown}'",
            feature="versions of assistants",
        )

    @call
    async def set_latest(self, assistant_id: str, shown: str, version: int) -> AssistantRecord:
        """Activate a version of an assistant. The server restores its config, but not its context and graph."""
        return await self._write(
            lambda sdk: sdk.assistants.set_latest(assistant_id, version),
            AssistantRecord,
            "use the version",
            check_with="%lg_assistant versions",
            missing=f"version {version} of {shown}",
        )

    # -- its graph ----------------------------------------------------------------------------------------------

    @call
    async def graph(self, assistant: str, shown: str = "", *, xray: bool | int = False) -> dict[str, Any]:
        """Return the nodes and edges of an assistant's graph, under the server's names.

        `xray` includes the inside of subgraphs: True for all levels, a number for that many.
        """
        name = shown or assistant
        ask = partial(
            self._ask,
            read=lambda payload: mapping_from(payload, "nodes"),
            doing=f"draw the graph of {name}",
            missing=f"assistant '{name}'",
            hint=HINT,
        )
        try:
            return await ask(lambda sdk: sdk.assistants.get_graph(assistant, xray=xray))
        except (NotFound, InvalidRequest):
            if is_full_id(assistant):
                raise
            row = await self._of_system(assistant)  # this deployment requires the id
            return await ask(lambda sdk: sdk.assistants.get_graph(row.assistant_id, xray=xray))

    @call
    async def schemas(self, assistant_id: str, shown: str) -> Mapping[str, Any]:
        """Return the schemas of an assistant's input, output, state, config and context, as far as the server knows them."""
        return await self._ask(
            lambda sdk: sdk.assistants.get_schemas(assistant_id),
            lambda payload: mapping_from(payload, "graph_id", "input_schema", "state_schema", "output_schema"),
            f"describe {shown}",
            feature="schemas of assistants",
        )

    @call
    async def subgraphs(self, assistant_id: str, shown: str) -> dict[str, Any]:
        """Return the schemas of the subgraphs of an assistant's graph, nested ones too, by namespace."""
        return await self._ask(
            lambda sdk: sdk.assistants.get_subgraphs(assistant_id, recurse=True),
            mapping_from,
            f"describe the subgraphs of {shown}",
            feature="schemas of subgraphs",
        )


def _is_system_of(row: AssistantRecord, graph: str) -> bool:
    metadata = row.get("metadata", {"created_by": "system"})
    is_system = isinstance(metadata, Mapping) and metadata.get("created_by") == "system"
    return row.get("graph_id") == graph and is_system
