"""Views at moments that a page must show. `python tests/view_samples.py` prints their trees, for the tests of the page."""

from __future__ import annotations

import json
from collections.abc import Mapping

import card_samples
import result_samples
from unit import batch_samples, history_samples, panel_samples, store_samples

from lg_magics.views.batch_tree import batch_tree
from lg_magics.views.node import Node, html
from lg_magics.views.run_tree import run_tree

__all__ = ["TREES"]

TREES: Mapping[str, Node] = {
    **{name: run_tree(card_samples.card(name)) for name in card_samples.NAMES},
    **{f"batch {name}": batch_tree(batch_samples.card(name)) for name in batch_samples.SAMPLES},
    **{f"history {name}": tree for name, tree in history_samples.samples().items()},
    **{f"store {name}": tree for name, tree in store_samples.samples().items()},
    **result_samples.samples(),
    **{f"panel {name}".strip(): tree for name, tree in panel_samples.samples().items()},
}

if __name__ == "__main__":
    print(json.dumps({name: {"tree": tree, "html": html(tree)} for name, tree in TREES.items()}))
