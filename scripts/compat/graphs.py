"""The demo's graphs for a server that loads files, and not modules."""

from lg_magics.local.demo.agent import graph as agent
from lg_magics.local.demo.approval import graph as approval
from lg_magics.local.demo.task_maistro import graph as task_maistro
from lg_magics.local.demo.workbench import graph as workbench

__all__ = ["agent", "approval", "task_maistro", "workbench"]
