"""Which settings files hold, whom they are trusted from, and where what they name may be sent."""

from __future__ import annotations

import os
import pwd
import tempfile
from pathlib import Path

import pytest
from other_user import as_another_user

from lg_magics.errors import SettingsError
from lg_magics.server import settings
from lg_magics.server.deployment import deployment_from_url
from lg_magics.server.recent import recent_addresses, remember_address
from lg_magics.server.settings import deployment_words, read_settings

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


BELOW_TOOL = FILE.replace("[", "[tool.lg_magics.")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("lg_magics.toml", BELOW_TOOL, "unknown key 'tool'. lg_magics.toml takes them without `tool.lg_magics`"),
        (
            "lg_magics.toml",
            '[configurables]\nuser_id = "T"',
            "unknown key 'configurables'. It takes default, deployments",
        ),
        ("pyproject.toml", '[tool.lg_magics.prod]\nurl = "https://h"', "unknown key 'prod'"),
        ("lg_magics.toml", 'configurable = "x"', "configurable is not a table"),
        ("lg_magics.toml", "deployments = 3", "deployments is not a table"),
        ("pyproject.toml", "[tool]\nlg_magics = 3", "tool.lg_magics is not a table"),
        ("lg_magics.toml", FILE.replace("prod]", "local]"), "named 'local', which is the embedded server"),
        ("lg_magics.toml", "this is no TOML", "cannot be read"),
        ("pyproject.toml", f"{BELOW_TOOL}\n[tool.other\n", "cannot be read"),
    ],
)
def test_a_mistake_in_a_file_is_one_error_that_names_the_file(home: Path, name: str, content: str, words: str) -> None:
    (home / name).write_text(content)
    with pytest.raises(SettingsError) as caught:
        read_settings(home)
    assert str(home / name) in str(caught.value)
    assert words in str(caught.value)


def test_a_file_without_deployments_is_named_when_one_is_looked_for(home: Path) -> None:
    (home / "lg_magics.toml").write_text(FILE)
    (home / "project" / "lg_magics.toml").write_text("[configurable]\nn = 1\n")
    with pytest.raises(SettingsError, match=f"'prod'. {home}/project/lg_magics.toml names none"):
        read_settings(home / "project").deployment("prod")


def test_an_invalid_pyproject_without_settings_hides_none_above_it(home: Path) -> None:
    (home / "lg_magics.toml").write_text(FILE)
    (home / "project" / "pyproject.toml").write_text("[tool.other\n")
    assert read_settings(home / "project").path == home / "lg_magics.toml"


@pytest.mark.parametrize(("name", "content"), [("lg_magics.toml", FILE), ("pyproject.toml", BELOW_TOOL)])
def test_a_byte_order_mark_is_no_mistake(home: Path, name: str, content: str) -> None:
    (home / name).write_text(content, encoding="utf-8-sig")
    assert "prod" in read_settings(home).deployments


@pytest.mark.parametrize("written", ["$NO_SUCH_TOKEN", "${NO_SUCH_TOKEN}", "$no_such_token"])
def test_a_variable_of_a_header_that_is_not_set_is_an_error(home: Path, written: str) -> None:
    (home / "lg_magics.toml").write_text(f'{FILE}headers = {{ Authorization = "Bearer {written}" }}\n')
    with pytest.raises(SettingsError, match="in its headers is not set") as caught:
        read_settings(home).deployment("prod")
    assert ("$NO_SUCH_TOKEN" in str(caught.value), "no_such" in str(caught.value)) == (written.isupper(), False)


@pytest.mark.parametrize(("value", "sent"), [("a$b", "Bearer a$b"), ("word", "Bearer word")])
def test_a_dollar_in_the_value_of_a_variable_is_sent(
    home: Path, monkeypatch: pytest.MonkeyPatch, value: str, sent: str
) -> None:
    monkeypatch.setenv("TOKEN", value)
    (home / "lg_magics.toml").write_text(f'{FILE}headers = {{ Authorization = "Bearer $TOKEN" }}\n')
    assert read_settings(home).deployment("prod").headers == {"Authorization": sent}


def test_a_file_of_another_user_that_cannot_be_read_is_not_used_and_is_named() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, me = Path(name), os.geteuid()
        folder.chmod(0o777)
        file = folder / "lg_magics.toml"
        with as_another_user(["sh", "-c", f"umask 077; touch {file}"]) as made:
            assert made.wait(20) == 0
        try:
            if me == 0:  # root reads everything
                os.seteuid(NOBODY - 1)
            found = read_settings(folder)
        finally:
            os.seteuid(me)
        assert (found.path, found.ignored) == (None, (f"{file} (this user cannot read it)",))


def test_without_a_working_directory_there_are_no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert read_settings().ignored == ("the working directory (it cannot be read)",)


def test_a_user_without_a_home_has_settings_and_no_recent_addresses(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_entry(uid: int) -> object:
        raise KeyError(uid)

    (home / "lg_magics.toml").write_text(FILE)
    monkeypatch.chdir(home)
    for name in ("HOME", "XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", no_entry)
    assert "prod" in read_settings().deployments
    remember_address("http://h")
    assert recent_addresses() == []
    assert deployment_words() == ("local", "prod")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://h", "https://H:443/"),
        ("http://localhost:2024", "http://127.0.0.1:2024"),
        ("http://localhost:2024", "http://0.0.0.0:2024"),
        ("http://h:80/api", "http://h/api/"),
    ],
)
def test_a_protected_deployment_is_known_by_each_way_to_write_its_address(home: Path, url: str, address: str) -> None:
    (home / "lg_magics.toml").write_text(f'[deployments.prod]\nurl = "{url}"\nprotect = true\n')
    found = read_settings(home)
    assert found.protects(deployment_from_url(address))
    assert not found.protects(deployment_from_url("http://else"))
