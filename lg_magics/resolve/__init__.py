"""References (`t2`, `step:4`, `last`) → the objects that they name. Changes nothing on the server."""
