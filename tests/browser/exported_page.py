"""A page of widgets that was exported, with no kernel and no Jupyter behind it. Knows files and addresses; knows no view.

It is what `ipywidgets.embed` writes, with ipywidgets' own html-manager and anywidget's own script beside it: no file comes from
anywhere else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import anywidget
from ipywidgets import Widget
from ipywidgets.embed import dependency_state, embed_minimal_html

MODULES = Path(__file__).parents[2] / "labextension/node_modules"
FILES = {
    "require.js": MODULES / "requirejs/require.js",
    "html-manager": MODULES / "@jupyter-widgets/html-manager/dist",
    "anywidget": Path(anywidget.__file__).parent / "nbextension",
}
TEMPLATE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<title>{title}</title>
<link rel="icon" href="data:,">
<script src="require.js"></script>
<script>requirejs.config({{paths: {{anywidget: 'anywidget/index'}}}})</script>
</head>
<body>
{snippet}
</body>
</html>
"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and logs nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def exported(folder: Path, widgets: Sequence[Widget]) -> Iterator[str]:
    """Write the page of these widgets, and serve it: its address, while it is served."""
    for name, path in FILES.items():
        (folder / name).symlink_to(path)
    embed_minimal_html(
        folder / "index.html",
        views=list(widgets),
        title="Exported",
        state=dependency_state(widgets, drop_defaults=False),
        template=TEMPLATE,
        requirejs=False,
        embed_url="html-manager/embed-amd.js",
        cors=False,
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
