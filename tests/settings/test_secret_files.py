"""Secrets that stand in files: one rule for all of them, in every place where settings are."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from hubbub.passwords.argon2 import hash_password
from hubbub.settings import Settings
from hubbub.settings.secret_files import EXPOSED
from hubbub.settings.section import is_secret, secrets_of, table_of
from hubbub.settings.sources import variable
from tests.settings.place import Place

HASH = hash_password("correct horse")
MAIL = '[mail]\nhost = "mail.example.org"\nsender = "chat@example.org"\nuser = "hub"\n'
SECRETS: dict[tuple[str, ...], str] = {
    ("password",): HASH,
    ("mail", "password"): "hunter2 ",
    ("cluster", "password"): "hunter2 ",
    ("cluster", "system_password"): "hunter3",
    ("operators", "ann", "password"): HASH,
}
"""Each setting that is a secret, and what it may be."""


def held(settings: Settings, path: tuple[str, ...]) -> str:
    found: Any = settings
    for name in path:
        found = found[name] if isinstance(found, dict) else getattr(found, name)
    return found.get_secret_value() if isinstance(found, SecretStr) else str(found)


def toml_of(path: tuple[str, ...], file: str) -> str:
    above = ".".join(path[:-1])
    rest = MAIL if above == "mail" else f"[{above}]\n" if above else ""
    return f'{rest}{path[-1]}_file = "{file}"\n'


def secret(place: Place, content: str | bytes, name: str = "secret") -> Path:
    path = place.path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(0o600)
    return path


def test_every_secret_is_marked_as_one_and_tried_here() -> None:
    marked = {tuple(part.replace("*", "ann") for part in path) for path in secrets_of(Settings)}
    assert marked == set(SECRETS)

    def walk(model: Any) -> None:
        for name, field in model.model_fields.items():
            table, _ = table_of(field)
            if table is not None:
                walk(table)
            named = any(word in name for word in ("password", "secret", "token"))
            assert is_secret(field) == (named and field.annotation is not int), name

    walk(Settings)


@pytest.mark.parametrize("path", SECRETS, ids=".".join)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_is_read_from_a_file(place: Place, path: tuple[str, ...], end: str) -> None:
    file, value = secret(place, SECRETS[path] + end), SECRETS[path]
    place.toml(toml_of(path, "secret"))
    assert held(place.load(), path) == value
    place.toml(MAIL if path[0] == "mail" else "")
    name = f"{variable(path)}_FILE"
    for given in (str(file), "secret"):
        settings = place.load({name: given})
        assert held(settings, path) == value
        assert settings.notices == ()
    place.dotenv(f"{name}=secret\n")
    assert held(place.load(), path) == value
    # Empty is not set, in a stronger place too.
    with_none = place.load({name: "", variable(path): value})
    assert held(with_none, path) == value


Unusable = dict[str, tuple[Callable[[Path], object], str]]
UNUSABLE: Unusable = {
    "missing": (lambda path: None, "cannot be read: No such file or directory"),
    "directory": (lambda path: path.mkdir(), "is no file"),
    "pipe": (os.mkfifo, "is no file"),
    "empty": (lambda path: path.write_text(""), "is empty; it has to hold the secret"),
    "blank": (lambda path: path.write_text(" \n"), "is empty; it has to hold the secret"),
    "large": (lambda path: path.write_text("hunter2" * 400), "is over 1024 bytes"),
    "lines": (lambda path: path.write_text("hunter2\nhunter3\n"), "holds more than one line"),
    "binary": (lambda path: path.write_bytes(b"hunter2\xff\xfe"), "is not UTF-8 text"),
    "endless": (lambda path: path.symlink_to("/dev/zero"), "is no file"),
}


@pytest.mark.parametrize("kind", UNUSABLE)
@pytest.mark.parametrize("path", SECRETS, ids=".".join)
def test_a_file_that_holds_no_secret_is_named_and_not_shown(
    place: Place, path: tuple[str, ...], kind: str
) -> None:
    make, said = UNUSABLE[kind]
    make(place.path / "secret")
    if path[0] == "mail":
        place.toml(MAIL)
    name = f"{variable(path)}_FILE"
    refusal = place.refusal({name: "secret"})
    assert refusal.startswith(f"the environment: {name} secret {said}")
    assert "hunter" not in refusal


def test_a_hash_that_is_none_is_blamed_on_its_file(place: Place) -> None:
    file = secret(place, "hunter2\n")
    assert place.refusal({"HUBBUB_PASSWORD_FILE": "secret"}) == (
        f"{file}: password must be an argon2id hash, as `hubbub hash-password` prints one"
    )


def test_a_secret_that_is_given_twice_is_refused_naming_both(place: Place) -> None:
    secret(place, "hunter2")
    place.toml(f'{MAIL}password_file = "secret"\n')
    refusal = place.refusal({"HUBBUB_MAIL__PASSWORD": "hunter3"})
    assert refusal == (
        f"{place.path}/hubbub.toml: mail.password_file and the environment: HUBBUB_MAIL__PASSWORD "
        "are both set; remove one of them"
    )
    place.toml(f'password = "{HASH}"\npassword_file = "secret"\n')
    assert "hubbub.toml: password are both set" in place.refusal()


def test_a_stronger_place_names_another_file(place: Place) -> None:
    secret(place, "hunter2")
    secret(place, "hunter3", "other")
    place.toml(f'{MAIL}password_file = "secret"\n')
    settings = place.load({"HUBBUB_MAIL__PASSWORD_FILE": "other"})
    assert held(settings, ("mail", "password")) == "hunter3"


def test_a_file_that_everybody_may_read_is_told_of(place: Place) -> None:
    file = secret(place, HASH)
    file.chmod(0o644)
    (notice,) = place.load({"HUBBUB_PASSWORD_FILE": "secret"}).notices
    assert (notice.level, notice.event) == ("warning", EXPOSED)
    assert notice.details == {
        "setting": "the environment: HUBBUB_PASSWORD_FILE",
        "file": str(file),
    }


def test_a_slip_in_such_a_name_is_none(place: Place) -> None:
    refusal = place.refusal({"HUBBUB_MAIL_PASSWORD_FILE": "x"})
    assert refusal.endswith("did you mean HUBBUB_MAIL__PASSWORD_FILE?")
    place.toml("password_file = 3\n")
    assert "password_file must be a path in quotes" in place.refusal()


@pytest.mark.parametrize("name", ["HUBBUB_MAIL", "HUBBUB_OPERATORS", "HUBBUB_MAIL_PASSWORD"])
def test_a_secret_in_the_wrong_place_is_not_shown(place: Place, name: str) -> None:
    assert "hunter2" not in place.refusal({name: "hunter2"})
