"""The kernels of the notebooks under nbval are those of the tests."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))

import kernel_sockets  # noqa: F401
