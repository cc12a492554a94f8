"""What Kubernetes puts into an environment stops no start, a slip still does."""

from __future__ import annotations

import pytest

from hubbub.settings import Notice
from tests.settings.place import Place

SERVICES = {
    "HUBBUB_SERVICE_HOST": "10.0.0.1",
    "HUBBUB_SERVICE_PORT": "6697",
    "HUBBUB_SERVICE_PORT_IRC_TLS": "6697",
    "HUBBUB_PORT": "tcp://10.0.0.1:6697",
    "HUBBUB_PORT_6697_TCP": "tcp://10.0.0.1:6697",
    "HUBBUB_PORT_6697_TCP_PROTO": "tcp",
    "HUBBUB_PORT_6697_TCP_PORT": "6697",
    "HUBBUB_PORT_6697_TCP_ADDR": "10.0.0.1",
    "HUBBUB_SSH_SERVICE_HOST": "fd00::7",
    "HUBBUB_SSH_SERVICE_PORT": "2222",
    "HUBBUB_SSH_PORT": "tcp://[fd00::7]:2222",
    "HUBBUB_SSH_PORT_2222_TCP_ADDR": "fd00::7",
    "HUBBUB_MAIL_PORT": "tcp://10.0.0.3:25",
}
"""What a container finds beside Services `hubbub`, `hubbub-ssh` and `hubbub-mail`."""


def test_services_of_this_name_are_passed_over_and_that_is_said(place: Place) -> None:
    settings = place.load({**SERVICES, "HUBBUB_NETWORK": "Kube"})
    assert settings.network == "Kube"
    assert settings.notices == (
        Notice(
            "info",
            "variables of Kubernetes for a Service of this name were passed over",
            {"where": "the environment", "names": ", ".join(sorted(SERVICES))},
        ),
    )


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("HUBBUB_PORT", "7000", "HUBBUB_PORT is no setting"),
        ("HUBBUB_MAIL_PORT", "25", "did you mean HUBBUB_MAIL__PORT?"),
        ("HUBBUB_SERVICE_HOST", "chat", "HUBBUB_SERVICE_HOST is no setting"),
        ("HUBBUB_ACESS", "open", "did you mean HUBBUB_ACCESS?"),
        ("HUBBUB_MAIL__PORT", "tcp://10.0.0.1:25", "HUBBUB_MAIL__PORT must be a whole number"),
    ],
)
def test_a_slip_is_none(place: Place, name: str, value: str, meant: str) -> None:
    assert meant in place.refusal({**SERVICES, name: value})
