"""What keeps a node out: what passes by itself is told apart, by the exit code too."""

from __future__ import annotations

import pytest
import typer

from hubbub.cli.cluster_commands import _told
from hubbub.cluster.errors import ClusterError, PeerUnreachable
from hubbub.settings import NotNow, SettingsError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ClusterError("mend it"), 2),
        (PeerUnreachable("try again"), 75),
        (SettingsError("mend it"), 2),
        (NotNow("try again"), 75),
    ],
)
def test_the_exit_code_says_whether_to_try_again(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, _told():
        raise error
    assert ended.value.exit_code == code
    assert capsys.readouterr().err == f"hubbub: {error}\n"
