"""The mark of what a command gives back and a door draws. Knows nothing; holds nothing."""

__all__ = ["Result"]


class Result:
    """Base of every object that a magic, or a cell's last expression, shows in our own way."""

    __slots__ = ()
