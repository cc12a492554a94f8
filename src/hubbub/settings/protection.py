"""Protected mode: what would be open to the world without anybody having said so is refused."""

from hubbub.settings.error import SettingsError
from hubbub.settings.model import DoorSettings, Settings


def refuse_unprotected(settings: Settings, tls_name: str) -> None:
    """Refuse to look protected, or to be open, by accident. Raises SettingsError.

    `tls_name` names what settled where the TLS door listens, for the message.
    """
    _refuse_unencrypted(settings.doors)
    _refuse_watched(settings.doors)
    _refuse_open(settings, tls_name)


def _refuse_unencrypted(doors: DoorSettings) -> None:
    unencrypted = (("doors.plain", doors.plain, "tls"), ("doors.websocket", doors.websocket, "wss"))
    for name, addresses, encrypted in unencrypted:
        for door in addresses:
            if not door.is_loopback and not doors.plain_beyond_loopback:
                raise SettingsError(
                    f"{name} listens on {door}, where other machines' messages and passwords would "
                    f"travel unencrypted; use doors.{encrypted}, or set "
                    "doors.plain_beyond_loopback = true"
                )


def _refuse_watched(doors: DoorSettings) -> None:
    for door in doors.health:
        if not door.is_loopback and not doors.health_beyond_loopback:
            raise SettingsError(
                f"doors.health listens on {door}, where other machines would read how the server "
                "does; use 127.0.0.1, or set doors.health_beyond_loopback = true and let a "
                "firewall allow only who watches it"
            )


def _refuse_open(settings: Settings, tls_name: str) -> None:
    if "access" in settings.model_fields_set:
        return
    doors = settings.doors
    named = (
        (tls_name, doors.tls),
        ("doors.wss", doors.wss),
        ("doors.ssh", doors.ssh),
        ("doors.plain", doors.plain),
        ("doors.websocket", doors.websocket),
    )
    for name, addresses in named:
        for door in addresses:
            if not door.is_loopback:
                raise SettingsError(
                    f"{name} listens on {door}, which other machines can reach, but access "
                    'is not set; set access = "invite" (HUBBUB_ACCESS=invite) to let in who has an '
                    'account, access = "open" to let everybody in who reaches it, or listen on '
                    "127.0.0.1 only"
                )
