"""IP_ADDRESS and PORT: the plain names by which hosts of containers say where a server listens.

They stand for parts of `doors.tls`, and win over HUBBUB_DOORS__TLS beside them: that may have been
put into an image, where nobody who starts it sees it. As everywhere a stronger place wins over a
weaker one, so HUBBUB_DOORS__TLS in the environment wins over PORT in `.env`.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from hubbub.settings.address import Address, parse_host, parse_port
from hubbub.settings.error import SettingsError
from hubbub.settings.model import Settings
from hubbub.settings.notices import Notice
from hubbub.settings.sources import Source, variable

_TLS: Final = ("doors", "tls")
_Parsed = TypeVar("_Parsed")
_Given = tuple[str, str]
"""A text, and where it stands."""


def with_address_and_port(settings: Settings, sources: Sequence[Source]) -> tuple[Settings, str]:
    """Let IP_ADDRESS and PORT replace those parts of the TLS doors; name what settled them."""
    address, port, void = _given(sources)
    if void:
        settings = settings.noticing([_void(each) for each in void])
    if address is None and port is None:
        return settings, "doors.tls"
    host = None if address is None else _parsed(parse_host, "IP_ADDRESS", *address)
    number = None if port is None else _parsed(parse_port, "PORT", *port)
    # Who names a host or a port wants such a door, though doors.tls in a file be empty.
    listed = settings.doors.tls or (Address("127.0.0.1", 6697),)
    doors = [
        Address(host or door.host, door.port if number is None else number, _optional(door, host))
        for door in listed
    ]
    # 127.0.0.1 and [::1] become one with an address for both: it would be listened on twice.
    updated = settings.doors.model_copy(update={"tls": tuple(dict.fromkeys(doors))})
    names = [name for name, each in (("IP_ADDRESS", address), ("PORT", port)) if each is not None]
    changed = settings.model_copy(update={"doors": updated}).noticing(
        [Notice("info", f"{' and '.join(names)} settled doors.tls", {"tls": _shown(updated.tls)})]
    )
    name = "doors.tls" if address is None else f"IP_ADDRESS ({address[1]}): doors.tls"
    return changed, name


def _given(sources: Sequence[Source]) -> tuple[_Given | None, _Given | None, list[Source]]:
    """Return IP_ADDRESS and PORT as the strongest source has them, and where that is.

    Return the sources, too, in which they are void: beside an empty list there is no door whose
    parts they could be.
    """
    address: _Given | None = None
    port: _Given | None = None
    void = []
    for source in sources:
        if source.variables and source.holds(_TLS):
            address = port = None
            if not source.tree["doors"]["tls"]:
                void += [source] if source.address or source.port else []
                continue
        address = (source.address, source.where) if source.address else address
        port = (source.port, source.where) if source.port else port
    return address, port, void


def _void(source: Source) -> Notice:
    name = variable(_TLS)
    return Notice(
        "warning",
        f"IP_ADDRESS and PORT are passed over, for {name} beside them opens no TLS door; "
        "set that, or unset all three",
        {"where": source.where},
    )


def _shown(doors: Sequence[Address]) -> str:
    return ", ".join(map(str, doors))


def _parsed(parse: Callable[[str], _Parsed], name: str, text: str, where: str) -> _Parsed:
    try:
        return parse(text)
    except ValueError as error:
        raise SettingsError(f"{where}: {name}: {error}; mend or unset it") from None


def _optional(door: Address, host: str | None) -> bool:
    return door.optional and host is None
