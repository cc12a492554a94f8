"""The tree of settings: names, bounds, defaults, and what each is for. Their types: `values`.

Values are checked strictly: a number in quotes is text and refused. Text from the environment is
turned into these types before it comes here (see `sources`).
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from platformdirs import user_data_path
from pydantic import BeforeValidator, Field, PrivateAttr, SecretStr

from hubbub.core.policy.lengths import DRAIN_SECONDS
from hubbub.core.policy.privileges import ADMIN
from hubbub.settings.address import loopback
from hubbub.settings.error import SettingsError
from hubbub.settings.limits import Limits
from hubbub.settings.member.cluster import ClusterSettings
from hubbub.settings.notices import Notice
from hubbub.settings.section import RESTART, SECRET, Section
from hubbub.settings.values import (
    Addresses,
    ChannelPatterns,
    FilePath,
    FilePaths,
    Hash,
    Icon,
    Line,
    MailAddress,
    MailHost,
    Networks,
    OperatorClass,
    OperatorClasses,
    OperatorName,
    OptionalPath,
    Origins,
    Replayed,
    ServerName,
    Text,
    Word,
)


def _operator(value: Any) -> Any:
    return {"password": value} if isinstance(value, str) else value


class Operator(Section):
    """Say how somebody becomes an operator by OPER, and of which class."""

    password: Hash = Field(description="Hash of the password.", json_schema_extra=SECRET)
    operator_class: OperatorClass = Field(
        ADMIN, alias="class", description="What the operator may do."
    )


def default_data_dir() -> Path:
    """Return the platform's directory for this user's data of this program.

    Raise SettingsError where nobody knows this user's home directory.
    """
    try:
        return user_data_path("hubbub", appauthor=False)
    except RuntimeError:
        raise SettingsError(
            f"no home directory is known of user {os.getuid()} (neither HOME nor an entry in "
            "passwd), where the data directory would be; name one with --data, HUBBUB_DATA_DIR or "
            "data_dir in the settings"
        ) from None


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
    websocket_origins: Origins = Field(
        (),
        description="Where the web pages that may connect come from, such as "
        '`"https://chat.example.org"`; `"*"` is everywhere. Browsers are refused (403) with pages '
        "from elsewhere; programs, which name no origin, are not.",
        json_schema_extra=RESTART,
    )
    health: Addresses = Field(
        (),
        description="Health and metrics over plain HTTP, for who watches the server: `/live`, "
        "`/ready`, `/metrics`. docs/how-to/watching.md says what is there.",
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

    keep: ChannelPatterns = Field(
        ("#lobby",),
        description="Channels whose topic, modes, lists and history survive being empty and a "
        "restart. Those without wildcards are there from the start. "
        '`*` and `?` are wildcards: `"#*"` keeps every channel. A channel that is named no more '
        "ends when the settings are reread (SIGHUP, REHASH); a mere start ends none.",
    )
    keep_limit: int = Field(
        1000,
        ge=0,
        le=1000000,
        description="How many channels are kept at once. Over it, a channel that begins is an "
        "ordinary one: it ends with its last member.",
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
    replay_to: Replayed = Field(
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
        description="How long people may take back or edit what they said; who moderates a channel "
        "may always take it back. 0: for ever.",
    )
    keep_edits: bool = Field(
        False,
        description="Keep what a message said before it was edited, for who moderates the channel "
        "(EDITS). It is erased with the message.",
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
    second_factor_for: OperatorClasses = Field(
        ("owner", "admin"),
        description="Classes of operators who prove themselves with their second factor, not by a "
        "key alone, where they change accounts and operators. Who has none is told at login.",
    )


class Mail(Section):
    """Say how e-mails leave: by which mail server (SMTP), and from whom.

    An e-mail that cannot be sent is tried again three times within some six minutes, then dropped.
    """

    host: MailHost = Field(
        "", description="The mail server. Needed as soon as `accounts.email` is not `off`."
    )
    port: int = Field(587, ge=1, le=65535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="`starttls` (mostly port 587) or `tls` (465); its certificate has to be valid. "
        "`none` (25) for one on this machine: whoever is on the way reads the codes.",
    )
    sender: MailAddress = Field("", description="The address that e-mails come from.")
    user: Line = Field("", description="Who logs in there. Empty: nobody does.")
    password: SecretStr | None = Field(
        None,
        description="The password of that user; from a file, the environment or `.env` only.",
        json_schema_extra=SECRET,
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

    host_keys: FilePaths = Field(
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


class Stop(Section):
    """Say how the server stops."""

    drain_seconds: int = Field(
        0,
        ge=0,
        le=DRAIN_SECONDS,
        description="How long SIGTERM lets who is here finish, while newcomers are turned away and "
        "`/ready` says `draining`. It stops as soon as everybody has gone. 0: it stops at once. "
        "A second SIGTERM stops at once in any case.",
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

    name: ServerName = Field(
        "hubbub.localhost",
        description="The server's name, as clients see it; a host name with at least one dot.",
        json_schema_extra=RESTART,
    )
    network: Word = Field(
        "Hubbub", description="The network's name; one word.", json_schema_extra=RESTART
    )
    network_icon: Icon = Field(
        "", description="URL (https) of an image that clients may show for the network."
    )
    description: Line = Field(
        "Hubbub chat server", description="One line about the server, for WHOIS and LINKS."
    )
    data_dir: FilePath = Field(
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
        json_schema_extra=SECRET,
    )
    cloak_key_file: OptionalPath = Field(
        None,
        description="The key that hosts are hashed with, 32 bytes; `hubbub identity make` makes "
        "one for several servers. Not set: `cloak.key`, made in the data directory.",
        json_schema_extra=RESTART,
    )
    motd: Text = Field("", description="The message of the day.")
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
        '"moderator" }`. Without one it is `admin`. A hash in a file of its own is named so: '
        '`name = { password_file = "..." }`, HUBBUB_OPERATORS__NAME__PASSWORD_FILE.',
    )
    limits: Limits = Limits()
    stop: Stop = Stop()
    cluster: ClusterSettings = ClusterSettings()
    log: Log = Log()
    _notices: tuple[Notice, ...] = PrivateAttr(())

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Return what the log is to say about where these settings come from."""
        return self._notices

    def noticing(self, notices: Sequence[Notice]) -> Self:
        """Return these settings, with more for the log to say about them."""
        copy = self.model_copy()
        copy._notices = (*self._notices, *notices)
        return copy
