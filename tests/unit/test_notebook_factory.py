"""A file with an async factory is valid Python wherever a name of the notebook is annotated."""

from __future__ import annotations

import pytest

from .notebook_cells import IMPORTS, Notebook, cell_line, loaded, log

CLIENT = (
    "class client:\n    async def __aenter__(self):\n        return self\n    async def __aexit__(self, *_):\n        pass\n"
    "    async def get_tools(self):\n        return ['tool']"
)
GRAPH = "graph = StateGraph(State).add_node('a', lambda s: {'log': tools}).add_edge(START, 'a').compile()"


@pytest.mark.parametrize(
    "cell",
    [
        "tools: list = await client().get_tools()",
        "async with client() as c:\n    tools: list = await c.get_tools()",
        "async with client() as c:\n    if c:\n        no: int\n        tools: (\n        list) = await c.get_tools()",
        "async with client() as c:\n    first: int = 1; tools: list[str] = await c.get_tools()  # typed",
        "found = await client().get_tools()\ntry:\n    tools: list = [\n        *found,\n    ]\nfinally:\n    pass",
        "found = await client().get_tools()\nfor each in found:\n    tools: list = [each]",
        "async def get():\n    own: list = ['tool']\n    return own\ntools = await get()",
        "class Box:\n    tools: list = ['tool']\ntools = Box.tools + (await client().get_tools())[1:]",
    ],
)
def test_an_annotated_name_in_an_async_factory(cell: str) -> None:
    notebook = Notebook(IMPORTS, CLIENT, cell, GRAPH)
    found = notebook.collect()
    assert log(loaded(found)) == log(notebook.names) == ["tool"]
    line = next(n for n, text in enumerate(found.source.text.split("\n"), 1) if "graph = StateGraph" in text)
    assert cell_line(found, line) == (4, 1)
