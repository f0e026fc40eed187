"""The adapter to IPython: the only package that depends on a shell, a cell and a magic."""
