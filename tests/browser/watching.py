"""What a card has shown over time, and how often the kernel spoke. Watches on the page; knows the card's class names."""

from __future__ import annotations

from dataclasses import dataclass

from .notebook_page import Notebook

WATCH = """() => {
  const seen = window.seen = {statuses: [], lengths: [], updates: []};
  const add = (list, value) => { if (list.at(-1) !== value) list.push(value); };
  const look = () => {
    const card = window.panel.node.querySelector('.lg-card');
    if (!card) return;
    add(seen.statuses, card.querySelector('.lg-pill').textContent);
    add(seen.lengths, card.querySelector('.lg-text')?.textContent.length ?? 0);
  };
  const parts = {subtree: true, childList: true, characterData: true};
  new MutationObserver(look).observe(window.panel.node, parts);
  window.panel.sessionContext.iopubMessage.connect((_, message) => {
    if (message.header.msg_type === 'comm_msg' && message.content.data.method === 'update')
      seen.updates.push(performance.now());
  });
}"""


@dataclass(frozen=True)
class Seen:
    """What the first card of a notebook has shown: each value once, while it stood.

    Attributes:
        statuses: The words of its status.
        lengths: How many characters of the answer there were.
        updates: When the kernel changed it, in milliseconds.
    """

    statuses: list[str]
    lengths: list[int]
    updates: list[float]

    @property
    def updates_a_second(self) -> float:
        """How many changes came in a second, from the first to the last."""
        return 1000 * (len(self.updates) - 1) / (self.updates[-1] - self.updates[0])


def watch(notebook: Notebook) -> None:
    """Look, from now on, at each change of the notebook's page."""
    notebook.page.evaluate(WATCH)


def seen(notebook: Notebook) -> Seen:
    """What was seen since `watch`."""
    return Seen(**notebook.page.evaluate("window.seen"))
