"""Where settings are written, and how text becomes what a setting is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.passwords.argon2 import hash_password
from hubbub.settings import Address, Settings
from hubbub.settings.sources import Source, from_variables, merge, read_dotenv, read_toml
from tests.settings.place import Place

HASH = hash_password("correct horse")


@pytest.mark.parametrize("word", ["false", "no", "off", "0", "False"])
def test_there_are_many_words_for_no(place: Place, word: str) -> None:
    assert place.load({"HUBBUB_LIMITS__FLOOD": word}).limits.flood is False


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1:7000,[::1]:7000",
        '["127.0.0.1:7000", "[::1]:7000"]',
        "127.0.0.1:7000, [::1]:7000",
    ],
)
def test_a_list_is_written_as_json_or_with_commas(place: Place, text: str) -> None:
    settings = place.load({"HUBBUB_DOORS__TLS": text})
    assert settings.doors.tls == (Address("127.0.0.1", 7000), Address("::1", 7000))


def test_an_address_of_ipv6_is_no_json(place: Place) -> None:
    assert place.load({"HUBBUB_DOORS__TLS": "[::1]:7000"}).doors.tls == (Address("::1", 7000),)


def test_a_hash_in_dotenv_is_not_expanded(place: Place) -> None:
    place.dotenv(f"HUBBUB_PASSWORD={HASH}\nOTHER=${{HOME}}\n")
    assert place.load().password == HASH


def test_variables_of_others_are_not_looked_at(place: Place) -> None:
    place.dotenv("DATABASE_URL=x\n")
    place.load({"HUBBUB_CHAT_NICK": "ann", "HUBBUBBLE": "x", "HOME": "/"})
    # Only HUBBUB_CONFIG itself names the file.
    assert "HUBBUB_CONFIG_FILE is no setting" in place.refusal({"HUBBUB_CONFIG_FILE": "x"})


def test_a_file_that_cannot_be_read_is_named(place: Place, tmp_path: Path) -> None:
    place.dotenv("FINE=1\n= nothing\n")
    assert re.search(r"\.env: line 2 is not NAME=value", place.refusal())
    place.dotenv("")
    (tmp_path / "hubbub.toml").write_bytes(b"name = '\xff'")
    assert "not UTF-8" in place.refusal()
    assert "cannot be read: No such file" in place.refusal({"HUBBUB_CONFIG": "none.toml"})
    assert "is no file, but a directory" in place.refusal({"HUBBUB_CONFIG": "."})


@pytest.mark.parametrize(
    ("toml", "read", "path"),
    [
        ('data_dir = "x"', lambda found: found.data_dir, "x"),
        ('motd = "m"\n[tls]\ncertificate = "x"\nkey = "y"', lambda found: found.tls.key, "y"),
        ('[ssh]\nhost_keys = ["keys/x"]', lambda found: found.ssh.host_keys[0], "keys/x"),
    ],
)
def test_paths_in_a_file_are_meant_from_where_it_is(
    place: Place, toml: str, read: Callable[[Settings], Path], path: str
) -> None:
    elsewhere = place.path / "etc"
    elsewhere.mkdir()
    (elsewhere / "hub.toml").write_text(toml)
    assert read(place.load(config=Path("etc/hub.toml"))) == elsewhere / path
    (place.path / "hub.toml").write_text(toml.replace('"x"', '"~/x"').replace('"y"', '"/y"'))
    assert read(place.load(config=Path("hub.toml"))).is_absolute()


def test_every_path_is_known_to_be_one(tmp_path: Path) -> None:
    """What names a path is found by its type, wherever it stands."""
    paths = [
        *[("data_dir",), ("motd_file",), ("cloak_key_file",), ("password_file",)],
        *[("mail", "password_file"), ("ssh", "host_keys"), ("operators", "ann", "password_file")],
    ]
    for *above, name in paths:
        head = f"[{'.'.join(above)}]\n" if above else ""
        value = '["one", "two"]' if name == "host_keys" else '"one"'
        (tmp_path / "hub.toml").write_text(f"{head}{name} = {value}\n")
        tree = read_toml(tmp_path / "hub.toml").tree
        for table in above:
            tree = tree[table]
        found = tree[name]
        first = found[0] if isinstance(found, list) else found
        assert first == str(tmp_path / "one")


@pytest.mark.parametrize("toml", ['motd_file = ""', "data_dir = 1", "tls = 1", "ssh.host_keys = 1"])
def test_what_is_no_path_is_left_to_be_refused(tmp_path: Path, toml: str) -> None:
    (tmp_path / "hub.toml").write_text(toml)
    assert read_toml(tmp_path / "hub.toml").tree == tomllib.loads(toml)


TREES = st.recursive(
    st.integers(), lambda kept: st.dictionaries(st.sampled_from("abc"), kept), max_leaves=8
)
TABLES = st.dictionaries(st.sampled_from("abc"), TREES)


def leaves(tree: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    if not isinstance(tree, dict):
        return {path: tree}
    return {k: v for name, below in tree.items() for k, v in leaves(below, (*path, name)).items()}


@given(TABLES, TABLES)
def test_the_stronger_place_wins_and_the_weaker_one_says_the_rest(
    low: dict[str, Any], high: dict[str, Any]
) -> None:
    merged = leaves(merge(low, high))
    assert leaves(high).items() <= merged.items()
    strong = Source("", high)
    for path, value in leaves(low).items():
        if not any(strong.holds(path[:length]) for length in range(1, len(path) + 1)):
            assert merged[path] == value


def test_a_place_names_its_settings_as_they_are_written_there() -> None:
    path = ("limits", "flood")
    assert Source("x", {}).name(path) == "limits.flood"
    assert Source("x", {}, variables=True).name(path) == "HUBBUB_LIMITS__FLOOD"


def test_a_place_holds_what_it_says_and_what_lies_under_a_value_in_the_way() -> None:
    held = Source("x", {"limits": {"flood": 1}, "doors": "x"})
    assert held.holds(("limits", "flood"))
    assert held.holds(("doors", "tls")), "its table is no table there"
    assert not held.holds(("limits", "history_page"))
    assert not held.holds(("name",))


def test_a_table_wins_over_a_value_that_is_in_its_way() -> None:
    found = from_variables("x", {"HUBBUB_DOORS": "x", "HUBBUB_DOORS__TLS": "127.0.0.1:1"})
    assert found.tree == {"doors": {"tls": ["127.0.0.1:1"]}}


def test_a_list_that_is_broken_json_is_split_at_its_commas() -> None:
    found = from_variables("x", {"HUBBUB_CHANNELS__KEEP": '["#a", #b'})
    assert found.tree == {"channels": {"keep": ['["#a"', "#b"]}}


def test_a_file_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert read_dotenv(tmp_path / ".env").tree == {}
    (tmp_path / ".env").write_text("HUBBUB_NAME\n# a comment\nPORT=\n")
    found = read_dotenv(tmp_path / ".env")
    assert (found.tree, found.port) == ({}, None)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("HUBBUB_LIMITS__FLOOD", " ON ", True),
        ("HUBBUB_LIMITS__FLOOD", "maybe", "maybe"),
        ("HUBBUB_LIMITS__HISTORY_PAGE", "20", 20),
        ("HUBBUB_LIMITS__HISTORY_PAGE", "2.5", "2.5"),
        ("HUBBUB_LIMITS__MESSAGES_PER_SECOND", "2.5", 2.5),
        ("HUBBUB_LIMITS__MESSAGES_PER_SECOND", "fast", "fast"),
        ("HUBBUB_LIMITS__NONE", "1", "1"),
        ("HUBBUB_NAME__NONE", "1", "1"),
        ("HUBBUB_NONE__NONE__NONE", "1", "1"),
        ("HUBBUB_OPERATORS__ANN", "true", "true"),
        ("HUBBUB_CHANNELS__KEEP", "", []),
        ("HUBBUB_CHANNELS__KEEP", "#a, #b,", ["#a", "#b"]),
    ],
)
def test_text_becomes_what_its_setting_is_or_stays_text_to_be_refused(
    name: str, text: str, value: object
) -> None:
    found: Any = from_variables("x", {name: text}).tree
    for part in name.removeprefix("HUBBUB_").lower().split("__"):
        found = found[part]
    assert found == value
    assert type(found) is type(value)
