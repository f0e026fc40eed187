"""What is shipped: the wheel and the sdist carry the built front end, need no node, and work alone in a clean environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

import lg_magics
from lg_magics.local import LocalServer

ROOT = Path(__file__).parents[2]
BUILT = (
    "widgets/static/view.js",
    "widgets/static/view.css",
    "views/results.css",
    "views/saved.css",
    "live/lost.json",
    "views/allowed.json",
    "model/visible_text.json",
    "local/demo/langgraph.json",
    "__init__.pyi",
    "py.typed",
)
SMOKE = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "lg_magics")
import lg_magics as lg
from lg_magics.widgets.view import ViewWidget
try:
    lg.connect("local")
except lg.errors.LocalServerError as problem:
    assert "pip install 'lg-magics[local]'" in str(problem), problem
else:
    sys.exit("the embedded server is not part of the wheel's own requirements")
lg.connect(sys.argv[1], timeout=60)
run = lg.run("what's the weather in sf", assistant="agent")
print(run.wait().status, len(lg.messages().df), sep=" ")
"""


def without_node(tmp_path: Path) -> dict[str, str]:
    """This environment with a PATH on which there is no node."""
    path = os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if not (Path(part) / "node").exists())
    return {**os.environ, "PATH": path}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, and the wheel that is built from it without node."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
        timeout=300,
        env=without_node(folder),
    )
    return folder


def names(archive: Path) -> list[str]:
    if archive.suffix == ".whl":
        return zipfile.ZipFile(archive).namelist()
    with tarfile.open(archive) as tar:
        return [name.partition("/")[2] for name in tar.getnames()]


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_it_carries_what_was_built(dist: Path, kind: str) -> None:
    (archive,) = dist.glob(kind)
    found = names(archive)
    assert {f"lg_magics/{name}" for name in BUILT} <= set(found)
    assert any(
        name.endswith("labextensions/lg-magics/package.json") or name == "lg_magics/labextension/package.json"
        for name in found
    )
    assert not any("node_modules" in name or (name.startswith("tests/") and kind == "*.whl") for name in found)


def test_the_wheel_alone_works_in_a_clean_environment(dist: Path, server: LocalServer, tmp_path: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    uv = shutil.which("uv")  # takes a quarter of the time
    venv.create(tmp_path / "clean", with_pip=uv is None)
    python = tmp_path / "clean" / ("Scripts" if os.name == "nt" else "bin") / "python"
    outside = ("PYTHONPATH", "VIRTUAL_ENV")  # IPython puts the packages of an activated environment on its path
    env = {key: value for key, value in without_node(tmp_path).items() if key not in outside}
    install = [uv, "pip", "install", "--python", str(python)] if uv else [str(python), "-m", "pip", "install"]
    subprocess.run([*install, "-q", str(wheel)], check=True, capture_output=True, timeout=300, env=env)
    done = subprocess.run(
        [python, "-c", SMOKE, server.url],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        env=env,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "success 4"
    assert_that_jupyterlab_takes(tmp_path / "clean/share/jupyter")


def assert_that_jupyterlab_takes(shared: Path) -> None:
    """JupyterLab finds the extension there, whole and enabled, with its plugins in it."""
    installed = shared / "labextensions/lg-magics"
    assert (installed / "install.json").is_file()
    listed = subprocess.run(
        [sys.executable, "-m", "jupyter", "labextension", "list"],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "JUPYTER_PATH": str(shared), "NO_COLOR": "1"},
        check=True,
    )
    said = (listed.stdout + listed.stderr).partition(str(shared))[2]
    line = next(line for line in said.splitlines() if "lg-magics" in line)
    assert "enabled" in line
    assert "OK" in line
    built = "".join(script.read_text("utf-8") for script in (installed / "static").glob("*.js"))
    assert {name for name in ("commands", "renderer") if f"lg-magics:{name}" not in built} == set()


def test_there_is_one_version() -> None:
    package = json.loads((ROOT / "labextension/package.json").read_text(encoding="utf-8"))
    assert version("lg-magics") == lg_magics.__version__ == package["version"]


def test_the_lock_file_names_no_host() -> None:
    lock = (ROOT / "labextension/yarn.lock").read_text(encoding="utf-8")
    assert "://" not in lock.replace("# This file", "")
