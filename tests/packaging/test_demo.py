"""`make demo` opens the shipped notebooks as trusted, so that their cards keep their buttons after a reload."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def make(*arguments: str, **environment: str) -> str:
    command = ["make", "--no-print-directory", "-C", str(ROOT), *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=True).stdout


def test_make_demo_trusts_every_shipped_notebook_before_it_opens_jupyterlab(tmp_path: Path) -> None:
    import nbformat  # it takes each process that imports it two seconds
    from nbformat.sign import NotebookNotary

    make("trust", JUPYTER_DATA_DIR=str(tmp_path))
    notary = NotebookNotary(data_dir=str(tmp_path))
    shipped = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert len(shipped) >= 7
    assert [path.name for path in shipped if not notary.check_signature(nbformat.read(path, 4))] == []
    steps = make("-n", "demo")
    assert steps.index("jupyter trust") < steps.index("scripts/demo.py")
