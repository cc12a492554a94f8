"""Where settings come from, which wins, and what a start is refused for."""

import os
from pathlib import Path

import pytest

from hubbub.passwords.argon2 import hash_password
from hubbub.settings import (
    SettingsError,
    data_dir_place,
    find_data_dir,
    load_settings,
    restart_needed,
    wants_json,
)
from hubbub.settings.address import loopback
from tests.settings.place import Place

HASH = hash_password("correct horse")


def test_in_a_directory_that_cannot_be_looked_into_there_are_no_settings(tmp_path: Path) -> None:
    # As for `sudo -u hubbub` in somebody's home; tests may run as root, who may look anywhere.
    assert Place(tmp_path / ("x" * 300)).load().name == "hubbub.localhost"


def test_the_data_directory_is_found_whatever_else_is_set(place: Place) -> None:
    place.toml('data_dir = "hub"\nnonsense = 1\n[mail]\nuser = "whose password is elsewhere"\n')
    assert find_data_dir(None, None, {}, place.path) == place.path / "hub"
    assert find_data_dir(None, Path("other"), {}, place.path) == place.path / "other"
    broken = {"HUBBUB_CONFIG": "not-there.toml"}
    assert find_data_dir(None, Path("other"), broken, place.path) == place.path / "other"
    assert find_data_dir(None, None, {"HUBBUB_DATA_DIR": "/d"}, place.path) == Path("/d")
    place.toml("data_dir = 1\n")
    with pytest.raises(SettingsError, match="data_dir"):
        find_data_dir(None, None, {}, place.path)


def test_who_says_where_the_data_directory_is(place: Place) -> None:
    def says(data: Path | None = None, **environ: str) -> str:
        return data_dir_place(None, data, environ, place.path)

    assert says() == f"this user's own, for no settings in {place.path} or the environment name one"
    place.toml('data_dir = "hub"\n')
    assert says() == f"as data_dir in {place.path}/hubbub.toml says"
    place.dotenv("HUBBUB_DATA_DIR=/d\n")
    assert says() == f"as HUBBUB_DATA_DIR in {place.path}/.env says"
    assert says(HUBBUB_DATA_DIR="/e") == "as HUBBUB_DATA_DIR in the environment says"
    assert says(Path("x"), HUBBUB_DATA_DIR="/e") == "as --data says"


def test_nothing_set(place: Place) -> None:
    settings = place.load()
    assert settings.doors.tls == loopback(6697)
    assert settings.doors.plain == loopback(6667)
    assert settings.doors.ssh == loopback(2222)
    assert settings.channels.keep == ("#lobby",)
    assert settings.channels.replay == 50
    assert settings.data_dir.is_absolute()
    assert settings.data_dir.name == "hubbub"


def test_toml_then_dotenv_then_environment(place: Place) -> None:
    place.toml('network = "T"\nname = "t.example"\ndescription = "t"\n[limits]\nflood = false\n')
    place.dotenv("HUBBUB_NETWORK=D\nHUBBUB_NAME=d.example\nHUBBUB_LIMITS__MESSAGE_BURST=77\n")
    settings = place.load({"HUBBUB_NETWORK": "E", "HUBBUB_LIMITS__HISTORY_PAGE": "9"})
    assert (settings.network, settings.name, settings.description) == ("E", "d.example", "t")
    assert settings.limits.flood is False
    assert settings.limits.message_burst == 77
    assert settings.limits.history_page == 9


def test_the_file_can_be_named(place: Place, tmp_path: Path) -> None:
    place.toml('network = "Here"')
    other = tmp_path / "etc" / "chat.toml"
    other.parent.mkdir()
    other.write_text('network = "There"\ndata_dir = "data"\nmotd_file = "motd"\n')
    (other.parent / "motd").write_text("Hello\n")
    assert place.load().network == "Here"
    for settings in (place.load(config=other), place.load({"HUBBUB_CONFIG": "etc/chat.toml"})):
        assert settings.network == "There"
        assert settings.data_dir == other.parent / "data"
        assert settings.motd == "Hello"


def test_data_option_wins(place: Place, tmp_path: Path) -> None:
    place.toml('data_dir = "from-toml"')
    settings = place.load({"HUBBUB_DATA_DIR": "from-environment"})
    assert settings.data_dir == tmp_path / "from-environment"
    settings = place.load({"HUBBUB_DATA_DIR": "from-environment"}, data=Path("from-option"))
    assert settings.data_dir == tmp_path / "from-option"


@pytest.mark.parametrize(
    ("toml", "parts"),
    [
        ('motd = "a"\nmotd_file = "b"', ["motd and motd_file are both set", "remove one"]),
        ('motd_file = "none"', ["motd_file", "cannot be read", "No such file"]),
        ("[doors]\ntls = []\nplain = []\nssh = []", ["[doors] opens nothing"]),
        ('[doors]\nplain = ["127.0.0.1:6697"]', ["doors.plain and doors.tls both listen on"]),
        ('[doors]\nssh = ["127.0.0.1:6697"]', ["doors.ssh and doors.tls both listen on"]),
        ('[doors]\nwss = ["127.0.0.1:6697"]', ["doors.wss and doors.tls both listen on"]),
        ('[tls]\nkey = "key.pem"', ["tls.certificate is missing"]),
    ],
)
def test_what_contradicts_itself_is_refused(place: Place, toml: str, parts: list[str]) -> None:
    place.toml(toml)
    message = place.refusal()
    for part in parts:
        assert part in message


def test_one_web_door_is_enough(place: Place) -> None:
    place.toml('[doors]\ntls = []\nplain = []\nwebsocket = ["127.0.0.1:8080"]')
    assert len(place.load().doors.websocket) == 1


def test_motd_file(place: Place, tmp_path: Path) -> None:
    (tmp_path / "motd").write_text("One\r\n\n\tTw\x1bo\n\n")
    place.toml('motd_file = "motd"')
    assert place.load().motd == "One\n\n Tw o"
    (tmp_path / "motd").write_bytes(b"\xff")
    assert "not UTF-8" in place.refusal()
    (tmp_path / "motd").write_text("x" * 65537)
    assert "is over 65536 bytes" in place.refusal()


def test_what_needs_a_restart(place: Place) -> None:
    old = place.load()
    new = place.load({"PORT": "7000", "HUBBUB_MOTD": "x", "HUBBUB_LOG__FORMAT": "json"})
    assert restart_needed(old, new) == ("doors.tls", "log.format")
    assert restart_needed(old, old) == ()


def test_how_the_log_is_to_be_is_known_also_of_settings_that_cannot_be_used(
    tmp_path: Path,
) -> None:
    path = tmp_path / "hubbub.toml"
    path.write_text('name = 1\n[log]\nformat = "json"')
    assert wants_json(path, {})
    assert not wants_json(path, {"HUBBUB_LOG__FORMAT": "console"})
    for broken in ("[[", "log = 1", "[log]\nformat = []"):
        path.write_text(broken)
        assert not wants_json(path, {})
        assert wants_json(path, {"HUBBUB_LOG__FORMAT": "json"})
    assert wants_json(tmp_path / "missing", {"HUBBUB_LOG__FORMAT": "json"})


@pytest.mark.parametrize(
    "setting",
    [
        "motd_file = '{}'",
        "cloak_key_file = '{}'",
        "password_file = '{}'",
        "[tls]\ncertificate = '{}'\nkey = '{}'",
        "[ssh]\nhost_keys = ['{}']",
        "data_dir = '{}'",
    ],
)
def test_a_path_that_can_be_none_is_told_of(tmp_path: Path, setting: str) -> None:
    path = tmp_path / "hubbub.toml"
    path.write_text(setting.replace("'", '"').replace("{}", "a\\u0000b"))
    with pytest.raises(SettingsError, match="NUL"):
        load_settings(path, None, {}, tmp_path)


@pytest.mark.parametrize("name", ["hubbub.toml", ".env", "motd.txt"])
def test_a_pipe_in_a_file_s_place_is_waited_for_by_nobody(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(SettingsError, match="is no file, but a pipe; name a file"):
        load_settings(None, None, {"HUBBUB_MOTD_FILE": "motd.txt"}, tmp_path)


def test_values_in_values_without_end_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.toml"
    path.write_text(f"x = {'[' * 3000}{']' * 3000}")
    with pytest.raises(SettingsError, match="nests values too deep"):
        load_settings(path, None, {}, tmp_path)
    deep = {"HUBBUB_DOORS__TLS": "[" * 100_000}
    with pytest.raises(SettingsError, match="HUBBUB_DOORS__TLS"):
        load_settings(None, None, deep, tmp_path / "elsewhere")
