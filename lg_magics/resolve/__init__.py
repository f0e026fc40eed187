"""Resolves references (`t2`, `step:4`, `last`) to the objects that they name. Changes nothing on the server."""
