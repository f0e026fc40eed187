"""Which settings files hold, whom they are trusted from, and where what they name may be sent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lg_magics.errors import SettingsError
from lg_magics.server import settings
from lg_magics.server.settings import read_settings

FILE = '[deployments.prod]\nurl = "https://prod.example.com"\n'
NOBODY = 65534


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a folder for notebooks, and a folder above it."""
    found = tmp_path / "homes" / "me"
    (found / "project" / "notebooks").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(found))
    return found


def test_the_nearest_file_holds_up_to_home(home: Path) -> None:
    here = home / "project" / "notebooks"
    (home.parent / "lg_magics.toml").write_text(FILE)
    assert read_settings(here).path is None
    (home / "lg_magics.toml").write_text(FILE)
    assert read_settings(here).path == home / "lg_magics.toml"
    (home / "project" / "pyproject.toml").write_text("[tool.lg_magics.configurable]\nuser_id = 'Test'\n")
    assert read_settings(here).path == home / "project" / "pyproject.toml"


def test_outside_of_home_a_repository_is_the_end(home: Path, tmp_path: Path) -> None:
    here = tmp_path / "data" / "repository" / "notebooks"
    (here.parent / ".git").mkdir(parents=True)
    here.mkdir()
    (tmp_path / "data" / "lg_magics.toml").write_text(FILE)
    assert read_settings(here).path is None
    (here.parent / "lg_magics.toml").write_text(FILE)
    assert read_settings(here).path == here.parent / "lg_magics.toml"


def test_outside_of_both_only_folders_of_this_user_are_looked_into(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "data" / "mine"
    here.mkdir(parents=True)
    (tmp_path / "data" / "lg_magics.toml").write_text(FILE)
    assert read_settings(here).path == tmp_path / "data" / "lg_magics.toml"
    monkeypatch.setattr(settings, "_is_own", lambda folder: folder != tmp_path / "data")
    assert read_settings(here).path is None


@pytest.mark.parametrize("name", ["lg_magics.toml", "pyproject.toml"])
@pytest.mark.parametrize(("mode", "why"), [(0o666, "every user can write it"), (0o646, "every user can write it")])
def test_a_file_that_others_can_write_is_not_used_and_is_named(home: Path, name: str, mode: int, why: str) -> None:
    file = home / name
    file.write_text(FILE if name == "lg_magics.toml" else FILE.replace("[", "[tool.lg_magics."))
    assert "prod" in read_settings(home).deployments
    file.chmod(mode)
    found = read_settings(home)
    assert (dict(found.deployments), found.path) == ({}, None)
    assert found.ignored == (f"{file} ({why}: chmod o-w)",)
    with pytest.raises(SettingsError, match="every user can write it"):
        found.deployment("prod")


def test_an_untrusted_file_hides_none_above_it(home: Path) -> None:
    (home / "lg_magics.toml").write_text(FILE)
    nearer = home / "project" / "lg_magics.toml"
    nearer.write_text("this is no TOML")
    nearer.chmod(0o666)
    found = read_settings(home / "project")
    assert (found.path, len(found.ignored)) == (home / "lg_magics.toml", 1)


def test_the_owner_and_the_group_count() -> None:
    me = os.geteuid()

    def of(uid: int, mode: int, gid: int) -> str:
        return settings._distrust(os.stat_result((mode, 0, 0, 1, uid, gid, 0, 0, 0, 0)))

    assert of(me, 0o644, NOBODY) == of(0, 0o644, NOBODY) == ""
    assert of(NOBODY, 0o644, NOBODY) == "another user owns it"
    assert of(me, 0o664, NOBODY) == "its group can write it: chmod g-w"  # not this user's own group
    assert of(me, 0o666, NOBODY).startswith("every user")


def test_a_file_sends_nothing_of_the_environment_unencrypted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM", "sesame")
    secrets = {"key": 'api_key_env = "TEAM"', "header": 'headers = { X-Team = "$TEAM" }'}
    for secret in secrets.values():
        for url, is_taken in (
            ("http://prod.example.com", False),
            ("http://10.0.0.5:8123", False),
            ("https://prod.example.com", True),
            ("http://127.0.0.1:2024", True),
            ("http://localhost", True),
        ):
            (home / "lg_magics.toml").write_text(f'[deployments.prod]\nurl = "{url}"\n{secret}\n')
            found = read_settings(home)
            if is_taken:
                assert found.deployment("prod").url == url
                continue
            with pytest.raises(SettingsError, match="unencrypted") as caught:
                found.deployment("prod")
            assert str(home / "lg_magics.toml") in str(caught.value)
            assert "sesame" not in str(caught.value)
    (home / "lg_magics.toml").write_text('[deployments.prod]\nurl = "http://10.0.0.5"\nheaders = { X-Team = "red" }\n')
    assert read_settings(home).deployment("prod").headers == {"X-Team": "red"}
