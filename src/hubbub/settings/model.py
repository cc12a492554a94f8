"""The tree of settings: names, types, bounds, defaults, and what each is for.

Values are checked strictly: a number in quotes is text and refused. Text from the environment is
turned into these types before it comes here (see `sources`).
"""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_data_path
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from hubbub.core.commands.accounts.mail import is_address
from hubbub.core.policy.privileges import ADMIN, CLASSES
from hubbub.settings.address import Address, loopback, parse_address, parse_network
from hubbub.settings.limits import Limits
from hubbub.settings.section import RESTART, Section

_SERVER_NAME = re.compile(r"(?=.{3,63}\Z)[A-Za-z0-9]([A-Za-z0-9-]*)(\.[A-Za-z0-9][A-Za-z0-9-]*)+\Z")
_ARGON2ID = re.compile(
    r"\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}"
)
_CHANNEL_PATTERN = re.compile(r"#[^\x00-\x20,\x7f]*\Z")
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\x00-\x20/?#@\x7f]+\Z")
_DEFAULT_PORT = re.compile(r"(?<=\Ahttps://)(.*):443\Z|(?<=\Ahttp://)(.*):80\Z")
_MAIL_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}\Z")
_OPERATOR_NAME = re.compile(r"[^\x00-\x20:\x7f][^\x00-\x20\x7f]*\Z")


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _addresses(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    if not all(isinstance(item, str) for item in value):
        raise ValueError('must be a list of texts such as ["127.0.0.1:6697"]')
    return tuple(address for item in value for address in parse_address(item))


def _path(value: Any) -> Any:
    return Path(value).expanduser() if isinstance(value, str) and value else value


def _paths(value: Any) -> Any:
    return tuple(_path(item) for item in value) if isinstance(value, list) else value


def _server_name(value: str) -> str:
    if not _SERVER_NAME.match(value):
        raise ValueError(
            "must look like a host name with at least one dot, such as chat.example.org"
            " (letters, digits, dots, hyphens; at most 63)"
        )
    return value


def _one_word(value: str) -> str:
    if not value or not value.isprintable() or " " in value or len(value.encode()) > 64:
        raise ValueError("must be one word of 1 to 64 bytes, without spaces")
    return value


def _icon(value: str) -> str:
    visible = value.isascii() and value.isprintable() and " " not in value
    if value and not (visible and value.startswith("https://") and len(value) <= 250):
        raise ValueError("must be an https:// URL of at most 250 ASCII characters")
    return value


def _one_line(value: str) -> str:
    if value and (not value.isprintable() or len(value.encode()) > 300):
        raise ValueError("must be one line of at most 300 bytes without control characters")
    return value


def _mail_host(value: str) -> str:
    if value and not _MAIL_HOST.match(value):
        raise ValueError('must be a host name or an address, such as "mail.example.org"')
    return value


def _sender(value: str) -> str:
    if value and not is_address(value):
        raise ValueError('must be an e-mail address, such as "chat@example.org"')
    return value


def _motd(value: str) -> str:
    if any(not line.replace("\t", " ").isprintable() for line in value.split("\n")):
        raise ValueError("must not hold control characters")
    return value


def _argon2id(value: str) -> str:
    if not _ARGON2ID.fullmatch(value):
        raise ValueError("must be an argon2id hash, as `hubbub hash-password` prints one")
    return value


def _operator_name(value: str) -> str:
    if not _OPERATOR_NAME.match(value):
        raise ValueError("is not a name that OPER can send: one word, not beginning with a colon")
    return value


def _operator_class(value: str) -> str:
    if value not in CLASSES:
        raise ValueError(f"must have one of the classes {', '.join(CLASSES)}")
    return value


def _operator_classes(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_operator_class, value))


def _operator(value: Any) -> Any:
    return {"password": value} if isinstance(value, str) else value


def _patterns(value: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in value:
        if not _CHANNEL_PATTERN.match(pattern):
            raise ValueError(
                f'"{pattern}" is not a channel or a pattern such as "#lobby" or "#team-*"'
            )
    return value


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return origins as browsers write them: small letters, no default port (RFC 6454 6.2)."""
    for origin in value:
        if origin != "*" and not _ORIGIN.match(origin):
            raise ValueError(
                f'"{origin}" is not an origin: "*", or scheme, host and port of a page without its '
                'path, such as "https://chat.example.org" or "http://localhost:8000"'
            )
    return tuple(_DEFAULT_PORT.sub(r"\1\2", origin.lower()) for origin in value)


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return addresses and networks in their usual form; a network of everybody is refused."""
    for text in value:
        try:
            whole = parse_network(text).prefixlen == 0
        except ValueError as error:
            raise ValueError(f'"{text}" is not an address or a network: {error}') from None
        if whole:
            raise ValueError(f'"{text}" is everybody, who would be believed; list the proxies only')
    return tuple(str(parse_network(text)) for text in value)


Addresses = Annotated[tuple[Address, ...], BeforeValidator(_addresses)]
Networks = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_networks)]
Replayed = Literal["accounts", "guests", "untimed", "bots"]
OptionalPath = Annotated[Path | None, BeforeValidator(_path)]
Hash = Annotated[str, AfterValidator(_argon2id)]
OperatorName = Annotated[str, AfterValidator(_operator_name)]
Line = Annotated[str, AfterValidator(_one_line)]


class Operator(Section):
    """Say how somebody becomes an operator by OPER, and of which class."""

    password: Hash = Field(description="Hash of the password.")
    operator_class: Annotated[str, AfterValidator(_operator_class)] = Field(
        ADMIN, alias="class", description="What the operator may do."
    )


def default_data_dir() -> Path:
    """Return the platform's directory for this user's data of this program."""
    return user_data_path("hubbub", appauthor=False)


class Admin(Section):
    """Say who runs this server; ADMIN answers with it."""

    location: Line = Field("", description="Where the server is, or whose it is.")
    organisation: Line = Field("", description="Who runs it.")
    contact: Line = Field("", description="How to reach them, such as an e-mail address.")


class DoorSettings(Section):
    """Say where clients come in. Each entry is `ADDRESS:PORT`.

    `localhost` is 127.0.0.1, and [::1] where there is one.
    """

    tls: Addresses = Field(loopback(6697), description="IRC over TLS.", json_schema_extra=RESTART)
    plain: Addresses = Field(
        loopback(6667),
        description="IRC without encryption; for this machine only, unless the next is true.",
        json_schema_extra=RESTART,
    )
    plain_beyond_loopback: bool = Field(
        False,
        description="Allow the doors without TLS, `plain` and `websocket`, on addresses that other "
        "machines reach. Everything said through them, passwords too, can be read on the way.",
        json_schema_extra=RESTART,
    )
    ssh: Addresses = Field(
        loopback(2222),
        description="SSH: a terminal, or commands in a pipe.",
        json_schema_extra=RESTART,
    )
    wss: Addresses = Field(
        (),
        description="IRC over WebSocket with TLS, for web clients; it shows the same certificate "
        "as the TLS door.",
        json_schema_extra=RESTART,
    )
    websocket: Addresses = Field(
        (),
        description="IRC over WebSocket without TLS, for a web server on this machine that passes "
        "requests on; elsewhere only if `plain_beyond_loopback` is true.",
        json_schema_extra=RESTART,
    )
    websocket_origins: Annotated[
        tuple[str, ...], BeforeValidator(_listed), AfterValidator(_origins)
    ] = Field(
        (),
        description="Where the web pages that may connect come from, such as "
        '`"https://chat.example.org"`; `"*"` is everywhere. Browsers are refused (403) with pages '
        "from elsewhere; programs, which name no origin, are not.",
        json_schema_extra=RESTART,
    )
    health: Addresses = Field(
        (),
        description="Health and metrics over plain HTTP, for who watches the server: `/live`, "
        "`/ready`, `/metrics`. docs/operating.md says what is there.",
        json_schema_extra=RESTART,
    )
    health_beyond_loopback: bool = Field(
        False,
        description="Allow `health` on addresses that other machines reach. Whoever reaches it "
        "reads how many come and talk, and how well the server does; no names, no addresses.",
        json_schema_extra=RESTART,
    )
    proxies: Networks = Field(
        (),
        description="Addresses and networks of proxies, such as `10.0.0.0/8`. A connection from "
        "there must begin with a PROXY header (version 1 or 2; on the WebSocket doors "
        "X-Forwarded-For will do), whose address counts as the client's. Nobody else is believed. "
        "As soon as one is listed, loopback counts for `connections_per_address` too.",
        json_schema_extra=RESTART,
    )


class Channels(Section):
    """Say which channels outlive their last member, and what a newcomer sees."""

    keep: Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_patterns)] = Field(
        ("#lobby",),
        description="Channels whose topic, modes, lists and history survive being empty and a "
        "restart. Those without wildcards are there from the start. "
        '`*` and `?` are wildcards: `"#*"` keeps every channel.',
        json_schema_extra=RESTART,
    )
    keep_limit: int = Field(
        1000,
        ge=0,
        le=1000000,
        description="How many channels are kept at once. Over it, a channel that begins is an "
        "ordinary one: it ends with its last member.",
        json_schema_extra=RESTART,
    )
    per_account: int = Field(
        20,
        ge=0,
        le=10000,
        description="How many channels one account can register. Over it: FAIL.",
    )
    access_entries: int = Field(
        100,
        ge=1,
        le=10000,
        description="Accounts on the access list of a registered channel. Over it: FAIL.",
    )
    replay: int = Field(
        50,
        ge=0,
        le=1000,
        description="Messages shown on JOIN to a client that cannot ask for history, the newest "
        "of those that `replay_to` says. 0: none.",
    )
    replay_to: Annotated[tuple[Replayed, ...], BeforeValidator(_listed)] = Field(
        ("accounts", "guests", "untimed"),
        description="Who is shown those messages. `accounts`: who is logged in, what was said "
        "since the device left and has not been marked as read. `guests`: guests, the newest on "
        "the first JOIN, later what they missed. `untimed`: of these also clients without "
        "server-time, as notices from the server with the time in the text. `bots`: of these also "
        "accounts of the class `bot` and users with mode `+B`, which otherwise get neither these "
        "nor the direct messages that waited.",
    )
    redact_seconds: int = Field(
        0,
        ge=0,
        le=31_536_000,
        description="How long people may take back what they said; who moderates a channel may "
        "always. 0: for ever.",
    )


class Accounts(Section):
    """Say how accounts are made and proved."""

    register_before_connect: bool = Field(
        True, description="Let clients register an account while they connect (REGISTER)."
    )
    email: Literal["off", "optional", "required"] = Field(
        "off",
        description="Whether an account has an e-mail address, to which a code is sent when it is "
        "made, and when its password is lost.",
    )
    scram: bool = Field(
        False,
        description="Offer SASL SCRAM-SHA-256 to accounts whose password is set from then on. What "
        "is kept for it is easier to guess from than what is kept for PLAIN.",
    )
    stay_days: int = Field(
        90,
        ge=0,
        le=3650,
        description="How long an account stays in its channels while it is not connected; then it "
        "quits. 0: for good.",
    )
    password_length: int = Field(
        8, ge=1, le=64, description="How many letters a password has at least."
    )
    step_up_minutes: int = Field(
        10,
        ge=1,
        le=1440,
        description="How long a login with a password, a key or a certificate counts where "
        "credentials, two-factor authentication or operators are changed; then the password is "
        "asked for again. A token never counts.",
    )
    second_factor_for: Annotated[
        tuple[str, ...], BeforeValidator(_listed), AfterValidator(_operator_classes)
    ] = Field(
        ("owner", "admin"),
        description="Classes of operators who prove themselves with their second factor, not by a "
        "key alone, where they change accounts and operators. Who has none is told at login.",
    )


class Mail(Section):
    """Say how e-mails leave: by which mail server (SMTP), and from whom.

    An e-mail that cannot be sent is tried again three times within some six minutes, then dropped.
    """

    host: Annotated[str, AfterValidator(_mail_host)] = Field(
        "", description="The mail server. Needed as soon as `accounts.email` is not `off`."
    )
    port: int = Field(587, ge=1, le=65535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="`starttls` (mostly port 587) or `tls` (465); its certificate has to be valid. "
        "`none` (25) for one on this machine: whoever is on the way reads the codes.",
    )
    sender: Annotated[str, AfterValidator(_sender)] = Field(
        "", description="The address that e-mails come from."
    )
    user: Line = Field("", description="Who logs in there. Empty: nobody does.")
    password: SecretStr | None = Field(
        None,
        description="The password of that user; from the environment or `.env` only.",
    )
    password_file: OptionalPath = Field(
        None, description="A file that holds that password, and nothing else."
    )
    per_hour: int = Field(
        5, ge=1, le=1000, description="E-mails to one address in an hour. Over it: dropped."
    )


class Tls(Section):
    """Name the certificate. Both files are read again when they change."""

    certificate: OptionalPath = Field(
        None,
        description="PEM file with the certificate and its chain. Not set: a self-signed one is "
        "made in the data directory.",
        json_schema_extra=RESTART,
    )
    key: OptionalPath = Field(
        None, description="PEM file with its private key.", json_schema_extra=RESTART
    )
    sts_seconds: int = Field(
        0,
        ge=0,
        le=31_536_000,
        description="For how many seconds clients are to come back over TLS only (IRCv3 sts); who "
        "came in clear is sent to the TLS door. Set it only with a certificate that clients trust. "
        "0: nothing is said of it; to take it back, set 1 first.",
    )


class Ssh(Section):
    """Say how the SSH door is kept."""

    host_keys: Annotated[tuple[Path, ...], BeforeValidator(_paths)] = Field(
        (),
        description="Private keys by which clients know this server again, one of each kind. "
        "Empty: an Ed25519 key is made in the data directory.",
        json_schema_extra=RESTART,
    )
    compression: bool = Field(
        False,
        description="Allow zlib@openssh.com. It costs some 110 KB a connection and twice the "
        "CPU to send; docs/how-to/ssh.md has the numbers.",
        json_schema_extra=RESTART,
    )


class Log(Section):
    """Say what is logged, and how. The log goes to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least important kind of line that is written."
    )
    format: Literal["console", "json"] = Field(
        "console",
        description="For eyes, or one JSON object a line for machines.",
        json_schema_extra=RESTART,
    )


class Settings(Section):
    """Hold everything an operator may set; `hubbub serve` starts with none of it."""

    name: Annotated[str, AfterValidator(_server_name)] = Field(
        "hubbub.localhost",
        description="The server's name, as clients see it; a host name with at least one dot.",
        json_schema_extra=RESTART,
    )
    network: Annotated[str, AfterValidator(_one_word)] = Field(
        "Hubbub", description="The network's name; one word.", json_schema_extra=RESTART
    )
    network_icon: Annotated[str, AfterValidator(_icon)] = Field(
        "", description="URL (https) of an image that clients may show for the network."
    )
    description: Line = Field(
        "Hubbub chat server", description="One line about the server, for WHOIS and LINKS."
    )
    data_dir: Annotated[Path, BeforeValidator(_path)] = Field(
        default_factory=default_data_dir,
        description="Directory of the database, the certificate and its key. Made if missing, "
        "readable by its owner only.",
        json_schema_extra=RESTART,
    )
    access: Literal["open", "invite", "closed"] = Field(
        "open",
        description="Who may come in. `open`: whoever reaches a door, as a guest or with an "
        "account. `invite`: accounts only, and making one needs an invite code. `closed`: accounts "
        "only, and operators make them. Must be set to listen beyond this machine.",
        json_schema_extra=RESTART,
    )
    password: Hash | None = Field(
        None,
        description="Hash of a password that every client must send with PASS; "
        "`hubbub hash-password` makes one.",
    )
    motd: Annotated[str, AfterValidator(_motd)] = Field("", description="The message of the day.")
    motd_file: OptionalPath = Field(
        None,
        description="A UTF-8 text file to take the message of the day from, instead of `motd`.",
    )
    doors: DoorSettings = DoorSettings()
    accounts: Accounts = Accounts()
    mail: Mail = Mail()
    channels: Channels = Channels()
    tls: Tls = Tls()
    ssh: Ssh = Ssh()
    admin: Admin = Admin()
    operators: dict[OperatorName, Annotated[Operator, BeforeValidator(_operator)]] = Field(
        default_factory=dict,
        description='Names and password hashes for OPER: `name = "$argon2id$..."`, or with a class '
        '(docs/reference/privileges.md): `name = { password = "$argon2id$...", class = '
        '"moderator" }`. Without one it is `admin`.',
    )
    limits: Limits = Limits()
    log: Log = Log()
