"""Where settings come from, which wins, and what a start is refused for."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from hubbub.passwords.argon2 import hash_password
from hubbub.settings import (
    Address,
    Settings,
    SettingsError,
    find_data_dir,
    load_settings,
    restart_needed,
)
from hubbub.settings.address import loopback, parse_address

HASH = hash_password("correct horse")


class Place:
    """Hold a directory to write settings into, and load them from there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def toml(self, text: str) -> None:
        (self.path / "hubbub.toml").write_text(text)

    def dotenv(self, text: str) -> None:
        (self.path / ".env").write_text(text)

    def load(
        self, environ: Mapping[str, str] = {}, config: Path | None = None, data: Path | None = None
    ) -> Settings:
        return load_settings(config, data, environ, self.path)

    def refusal(self, environ: Mapping[str, str] = {}) -> str:
        with pytest.raises(SettingsError) as caught:
            self.load(environ)
        message = str(caught.value)
        assert "\n" not in message
        return message


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


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


@pytest.mark.parametrize("word", ["false", "no", "off", "0", "False"])
def test_truth_in_the_environment(place: Place, word: str) -> None:
    assert place.load({"HUBBUB_LIMITS__FLOOD": word}).limits.flood is False


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1:7000,[::1]:7000",
        '["127.0.0.1:7000", "[::1]:7000"]',
        "127.0.0.1:7000, [::1]:7000",
    ],
)
def test_lists_in_the_environment(place: Place, text: str) -> None:
    settings = place.load({"HUBBUB_DOORS__TLS": text})
    assert settings.doors.tls == (Address("127.0.0.1", 7000), Address("::1", 7000))


def test_list_that_begins_like_json(place: Place) -> None:
    assert place.load({"HUBBUB_DOORS__TLS": "[::1]:7000"}).doors.tls == (Address("::1", 7000),)


def test_operators(place: Place) -> None:
    place.toml(f'[operators]\nann = "{HASH}"\n')
    operators = place.load({"HUBBUB_OPERATORS__BOB": HASH}).operators
    assert {name: operator.password for name, operator in operators.items()} == {
        "ann": HASH,
        "bob": HASH,
    }
    assert {operator.operator_class for operator in operators.values()} == {"admin"}


def test_an_operator_of_a_class(place: Place) -> None:
    place.toml(f'[operators]\nann = {{ password = "{HASH}", class = "moderator" }}\n')
    variables = {"HUBBUB_OPERATORS__BOB__PASSWORD": HASH, "HUBBUB_OPERATORS__BOB__CLASS": "helper"}
    operators = place.load(variables).operators
    assert operators["ann"].operator_class == "moderator"
    assert operators["bob"].operator_class == "helper"


def test_hash_in_dotenv_is_not_expanded(place: Place) -> None:
    place.dotenv(f"HUBBUB_PASSWORD={HASH}\nOTHER=${{HOME}}\n")
    assert place.load().password == HASH


def test_variables_of_others(place: Place) -> None:
    place.dotenv("DATABASE_URL=x\n")
    place.load({"HUBBUB_CHAT_NICK": "ann", "HUBBUBBLE": "x", "HOME": "/"})


class TestAddressAndPort:
    """IP_ADDRESS and PORT, as hosts of containers set them."""

    def test_port_moves_every_tls_door(self, place: Place) -> None:
        assert place.load({"PORT": "7000"}).doors.tls == loopback(7000)

    def test_address_keeps_the_port(self, place: Place) -> None:
        assert place.load({"IP_ADDRESS": "127.0.0.2"}).doors.tls == (Address("127.0.0.2", 6697),)

    def test_both_in_dotenv(self, place: Place) -> None:
        place.toml('[doors]\ntls = ["127.0.0.1:1", "127.0.0.1:2"]')
        place.dotenv("IP_ADDRESS=::1\nPORT=7000\n")
        assert place.load().doors.tls == (Address("::1", 7000),)
        assert place.load({"PORT": "7001"}).doors.tls == (Address("::1", 7001),)

    def test_the_full_setting_beside_them_wins(self, place: Place) -> None:
        environ = {"PORT": "1", "HUBBUB_DOORS__TLS": "127.0.0.1:7000"}
        assert place.load(environ).doors.tls == (Address("127.0.0.1", 7000),)

    def test_the_environment_wins_over_the_full_setting_in_dotenv(self, place: Place) -> None:
        place.dotenv("HUBBUB_DOORS__TLS=127.0.0.1:7000\n")
        assert place.load({"PORT": "7001"}).doors.tls == (Address("127.0.0.1", 7001),)

    def test_empty_is_not_set(self, place: Place) -> None:
        assert place.load({"IP_ADDRESS": "", "PORT": ""}).doors.tls == loopback(6697)

    @pytest.mark.parametrize(("name", "value"), [("PORT", "many"), ("IP_ADDRESS", "here")])
    def test_nonsense(self, place: Place, name: str, value: str) -> None:
        message = place.refusal({name: value})
        assert message.startswith(f'the environment: {name}: "{value}" is not')

    def test_protected_too(self, place: Place) -> None:
        message = place.refusal({"IP_ADDRESS": "::"})
        assert message.startswith("IP_ADDRESS (the environment): doors.tls listens on [::]:6697")
        assert "access is not set" in message


@pytest.mark.parametrize(
    ("toml", "parts"),
    [
        ('nmae = "a.b"', ["hubbub.toml: nmae is no setting", "did you mean name?"]),
        ("[limits]\nflod = true", ["limits.flod is no setting", "did you mean limits.flood?"]),
        ("flood = true", ["flood is no setting", "did you mean limits.flood?"]),
        ("qwertz = true", ["qwertz is no setting", "docs/reference/settings.md"]),
        ("name = 3", ["name must be text in quotes, not 3"]),
        ('name = "hubbub"', ["name must look like a host name"]),
        ('network = "two words"', ["network must be one word"]),
        ('description = "a\\u001bb"', ["description must be one line"]),
        ('motd = "a\\u001bb"', ["motd must not hold control characters"]),
        ('motd = "a"\nmotd_file = "b"', ["motd and motd_file are both set", "remove one"]),
        ('motd_file = "none"', ["motd_file", "cannot be read", "No such file"]),
        ("data_dir = 1", ["data_dir must be a path in quotes"]),
        ("limits = 3", ["limits must be a table, not 3"]),
        ('[limits]\nflood = "no"', ['limits.flood must be true or false, not "no"']),
        ('[limits]\noutbox_bytes = "1"', ["limits.outbox_bytes must be a whole number"]),
        ("[limits]\noutbox_bytes = true", ["limits.outbox_bytes must be a whole number"]),
        ("[limits]\noutbox_bytes = 1.5", ["limits.outbox_bytes must be a whole number"]),
        ("[limits]\noutbox_bytes = 1", ["limits.outbox_bytes must be at least 4096, not 1"]),
        ("[limits]\nnick_bytes = 1000", ["limits.nick_bytes must be at most 100, not 1000"]),
        ("[limits]\nmessages_per_second = 0.0", ["messages_per_second must be more than 0"]),
        ('[log]\nlevel = "loud"', ['log.level must be "debug", "info", "warning" or "error"']),
        ('[doors]\ntls = "127.0.0.1:1"', ["doors.tls must be a list"]),
        ('[doors]\ntls = ["127.0.0.1"]', ['doors.tls "127.0.0.1" is not ADDRESS:PORT']),
        ("[doors]\ntls = [6697]", ["doors.tls must be a list of texts"]),
        ("[doors]\ntls = []\nplain = []\nssh = []", ["[doors] opens nothing"]),
        ('[doors]\nplain = ["127.0.0.1:6697"]', ["doors.plain and doors.tls both listen on"]),
        ('[doors]\nssh = ["127.0.0.1:6697"]', ["doors.ssh and doors.tls both listen on"]),
        ('[doors]\nwss = ["127.0.0.1:6697"]', ["doors.wss and doors.tls both listen on"]),
        ('[doors]\nwebsocket_origins = ["chat.example.org"]', ["is not an origin", "https://"]),
        ('[doors]\nwebsocket_origins = ["https://a.org/"]', ['"https://a.org/" is not an origin']),
        ('[doors]\nproxies = ["proxy.example.org"]', ["is not an address or a network"]),
        ('[doors]\nproxies = ["10.0.0.1/8"]', ["has host bits set"]),
        ('[doors]\nproxies = ["0.0.0.0/0"]', ["is everybody"]),
        ('[doors]\nproxies = "10.0.0.0/8"', ["doors.proxies must be a list"]),
        ('[doors]\nwebsocket_origins = ["null"]', ['"null" is not an origin']),
        ('[channels]\nkeep = ["lobby"]', ['channels.keep "lobby" is not a channel']),
        ('[channels]\nkeep = "#lobby"', ["channels.keep must be a list"]),
        ("[channels]\nkeep = [1]", ["channels.keep must be text"]),
        ("[channels]\nreplay = -1", ["channels.replay must be at least 0"]),
        ('[tls]\nkey = "key.pem"', ["tls.certificate is missing"]),
        ("operators = 3", ["operators must be a table"]),
        (
            f'[operators]\nann = {{ password = "{HASH}", class = "king" }}',
            ["operators.ann must have one of the classes owner, admin, moderator"],
        ),
        ('[operators]\n"a b" = "x"', ["operators.a b is not a name that OPER can send"]),
        ('access = "friends"', ['access must be "open", "invite" or "closed", not "friends"']),
        ("name = \nx = 1", ["hubbub.toml is not valid TOML", "line 1"]),
    ],
)
def test_refused_in_one_line(place: Place, toml: str, parts: list[str]) -> None:
    place.toml(toml)
    message = place.refusal()
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    "toml", ['password = "hunter2"', '[operators]\nann = "hunter2"', 'pasword = "hunter2"']
)
def test_secrets_are_not_shown(place: Place, toml: str) -> None:
    place.toml(toml)
    assert "hunter2" not in place.refusal()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"HUBBUB_ACESS": "open"}, "HUBBUB_ACESS is no setting; did you mean HUBBUB_ACCESS?"),
        ({"HUBBUB_LIMITS__FLOOD": "maybe"}, 'HUBBUB_LIMITS__FLOOD must be true or false, not "m'),
        ({"HUBBUB_LIMITS__NICK_BYTES": "x"}, "HUBBUB_LIMITS__NICK_BYTES must be a whole number"),
        ({"HUBBUB_DOORS": "x"}, "HUBBUB_DOORS must be a table"),
        ({"HUBBUB_NAME__X": "x"}, "HUBBUB_NAME must be text"),
        ({"HUBBUB_": "x"}, "HUBBUB_ is no setting"),
    ],
)
def test_names_the_variable(place: Place, environ: dict[str, str], expected: str) -> None:
    assert place.refusal(environ).startswith(f"the environment: {expected}")


def test_names_the_place(place: Place, tmp_path: Path) -> None:
    place.toml("[limits]\nnick_bytes = 20\n")
    place.dotenv("HUBBUB_LIMITS__NICK_BYTES=x\n")
    assert place.refusal().startswith(f"{tmp_path}/.env: HUBBUB_LIMITS__NICK_BYTES must be")


def test_broken_files(place: Place, tmp_path: Path) -> None:
    place.dotenv("FINE=1\n= nothing\n")
    assert re.search(r"\.env: line 2 is not NAME=value", place.refusal())
    place.dotenv("")
    (tmp_path / "hubbub.toml").write_bytes(b"name = '\xff'")
    assert "not UTF-8" in place.refusal()
    assert "cannot be read: No such file" in place.refusal({"HUBBUB_CONFIG": "none.toml"})
    assert "cannot be read: Is a directory" in place.refusal({"HUBBUB_CONFIG": "."})


def test_origins_are_kept_as_browsers_write_them(place: Place) -> None:
    origins = (
        '"HTTPS://Chat.Example.org:443", "http://a.org:80", "http://a.org:443", "*", "app://x"'
    )
    place.toml(f"[doors]\nwebsocket_origins = [{origins}]")
    assert place.load().doors.websocket_origins == (
        "https://chat.example.org",
        "http://a.org",
        "http://a.org:443",
        "*",
        "app://x",
    )


def test_proxies_are_addresses_and_networks(place: Place) -> None:
    place.toml(
        '[doors]\nproxies = ["10.0.0.0/8", "127.0.0.1", "2001:DB8::/32", "::ffff:192.0.2.1"]'
    )
    networks = ("10.0.0.0/8", "127.0.0.1/32", "2001:db8::/32", "192.0.2.1/32")
    assert place.load().doors.proxies == networks


def test_one_web_door_is_enough(place: Place) -> None:
    place.toml('[doors]\ntls = []\nplain = []\nwebsocket = ["127.0.0.1:8080"]')
    assert len(place.load().doors.websocket) == 1


class TestProtectedMode:
    """Nothing is open, or only looks closed, without the operator having said so."""

    @pytest.mark.parametrize("address", ["0.0.0.0:6697", "[::]:6697", "192.0.2.1:6697"])
    def test_beyond_loopback_needs_access(self, place: Place, address: str) -> None:
        place.toml(f'[doors]\ntls = ["127.0.0.1:1", "{address}"]')
        message = place.refusal()
        assert f"doors.tls listens on {address}" in message
        assert 'access = "open"' in message
        tls = place.load({"HUBBUB_ACCESS": "open"}).doors.tls
        assert [str(door) for door in tls] == ["127.0.0.1:1", address]

    def test_health_beyond_loopback_needs_its_own_word(self, place: Place) -> None:
        place.toml('[doors]\nhealth = ["0.0.0.0:8080"]')
        assert "set doors.health_beyond_loopback = true" in place.refusal()
        place.toml('[doors]\nhealth = ["0.0.0.0:8080"]\nhealth_beyond_loopback = true')
        assert place.load().doors.health == parse_address("0.0.0.0:8080")

    def test_health_alone_lets_nobody_in(self, place: Place) -> None:
        place.toml('[doors]\ntls = []\nplain = []\nssh = []\nhealth = ["127.0.0.1:8080"]')
        assert "opens nothing" in place.refusal()
        place.toml('[doors]\nplain = ["127.0.0.1:8080"]\nhealth = ["127.0.0.1:8080"]')
        assert "doors.health and doors.plain both listen" in place.refusal()

    def test_plain_beyond_loopback_needs_its_own_word(self, place: Place) -> None:
        place.toml('access = "open"\n[doors]\nplain = ["[::]:6667"]')
        assert "set doors.plain_beyond_loopback = true" in place.refusal()
        place.load({"HUBBUB_DOORS__PLAIN_BEYOND_LOOPBACK": "true"})

    def test_so_does_the_websocket_door(self, place: Place) -> None:
        place.toml('access = "open"\n[doors]\nwebsocket = ["192.0.2.1:8080"]')
        assert "doors.websocket listens on 192.0.2.1:8080" in place.refusal()
        assert "use doors.wss, or set doors.plain_beyond_loopback" in place.refusal()
        place.load({"HUBBUB_DOORS__PLAIN_BEYOND_LOOPBACK": "true"})

    def test_wss_needs_access_only(self, place: Place) -> None:
        place.toml('[doors]\nwss = ["[::]:443"]')
        assert "doors.wss listens on [::]:443" in place.refusal()
        place.load({"HUBBUB_ACCESS": "open"})

    def test_that_word_does_not_open_access(self, place: Place) -> None:
        place.toml('[doors]\nplain = ["[::]:6667"]\nplain_beyond_loopback = true')
        assert "access is not set" in place.refusal()


def test_motd_file(place: Place, tmp_path: Path) -> None:
    (tmp_path / "motd").write_text("One\r\n\n\tTw\x1bo\n\n")
    place.toml('motd_file = "motd"')
    assert place.load().motd == "One\n\n Tw o"
    (tmp_path / "motd").write_bytes(b"\xff")
    assert "not UTF-8" in place.refusal()
    (tmp_path / "motd").write_text("x" * 65537)
    assert "is over 65536 bytes" in place.refusal()


def test_frozen(place: Place) -> None:
    with pytest.raises(ValueError, match="frozen"):
        place.load().limits.flood = False  # type: ignore[misc]


def test_what_needs_a_restart(place: Place) -> None:
    old = place.load()
    new = place.load({"PORT": "7000", "HUBBUB_MOTD": "x", "HUBBUB_LOG__FORMAT": "json"})
    assert restart_needed(old, new) == ("doors.tls", "log.format")
    assert restart_needed(old, old) == ()


# E-mail

MAIL = '[mail]\nhost = "mail.example.org"\nsender = "chat@example.org"\n'


def test_email_needs_a_mail_server(place: Place) -> None:
    place.toml('[accounts]\nemail = "required"\n')
    assert place.refusal() == (
        'accounts.email is "required", but there is no way to send e-mail; set mail.host and '
        'mail.sender, or accounts.email = "off"'
    )
    place.toml(f'{MAIL}[accounts]\nemail = "required"\n')
    mail = place.load().mail
    assert (mail.host, mail.port, mail.security) == ("mail.example.org", 587, "starttls")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[mail]\nhost = "mail.example.org"\n', "mail.sender is missing"),
        (f'{MAIL}user = "hub"\n', "mail.password_file is missing"),
        (f'{MAIL}password = "secret"\n', "mail.password is a secret"),
        (f'{MAIL}password_file = "nowhere"\n', "cannot be read"),
        (f'{MAIL}security = "plain"\n', 'mail.security must be "starttls", "tls" or "none"'),
        ('[mail]\nsender = "chat@example.org\\nBcc: x@y.org"\n', "must be an e-mail address"),
        ('[mail]\nhost = "two words"\n', "must be a host name"),
    ],
)
def test_mail_is_refused(place: Place, text: str, said: str) -> None:
    place.toml(text)
    refusal = place.refusal()
    assert said in refusal
    assert 'secret"' not in refusal


def test_the_mail_password_comes_from_a_file_or_the_environment(place: Place) -> None:
    place.toml(f'{MAIL}user = "hub"\npassword_file = "mail.password"\n')
    (place.path / "mail.password").write_text("hunter2\n")
    mail = place.load().mail
    assert mail.password is not None
    assert mail.password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(mail)
    both = place.refusal({"HUBBUB_MAIL__PASSWORD": "hunter3"})
    assert "both set" in both
    place.toml(f'{MAIL}user = "hub"\n')
    mail = place.load({"HUBBUB_MAIL__PASSWORD": "hunter3"}).mail
    assert mail.password is not None
    assert mail.password.get_secret_value() == "hunter3"
    place.toml(f'{MAIL}user = "hub"\nsecurity = "none"\n')
    refusal = place.refusal({"HUBBUB_MAIL__PASSWORD": "hunter3"})
    assert "unencrypted" in refusal
    assert "hunter3" not in refusal


@pytest.mark.parametrize("text", ["", "x" * 2000])
def test_a_password_file_that_holds_no_password(place: Place, text: str) -> None:
    place.toml(f'{MAIL}user = "hub"\npassword_file = "mail.password"\n')
    (place.path / "mail.password").write_text(text)
    assert "has to hold one password" in place.refusal()
