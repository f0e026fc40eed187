"""The tests import the installed package: the tree of an editable install, or else a wheel."""

from __future__ import annotations

import json
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import lg_magics


def test_the_tests_import_the_package_that_is_installed() -> None:
    installed = distribution("lg-magics")
    origin = json.loads(installed.read_text("direct_url.json") or "{}")
    is_editable = origin.get("dir_info", {}).get("editable", False)
    home = url2pathname(urlsplit(origin["url"]).path) if is_editable else str(installed.locate_file(""))
    assert Path(lg_magics.__file__).parents[1].samefile(home)
