"""The edge to IPython: the only room that knows a shell, a cell and a magic."""
