"""What takes a while is done as the session that asked, though its user speaks elsewhere too."""

from __future__ import annotations

import pytest

from hubbub.core.policy.policy import OperBlock, Policy
from tests.node.node_harness import Node, PlainVault, commands


@pytest.mark.parametrize("line", ["REDACT #c {}", "PURGE SURE bob 1h"])
async def test_another_session_that_speaks_meanwhile_takes_no_privilege_away(line: str) -> None:
    secret = PlainVault(b"disguise").make("secret", scram=False)
    node = Node(Policy(flood=None, operators={"root": OperBlock(secret, "admin")}))
    caps = ("draft/message-redaction",)
    bob = await node.guest("bob")
    await bob.ask("JOIN #c", "PRIVMSG #c :spam")
    msgid = node.journal.kept[-1].msgid
    ann, phone = [await node.attach("ann", "ann", *caps) for _ in range(2)]
    await ann.ask("OPER root secret")
    ann.give(line.format(msgid))
    phone.give("PRIVMSG ann :and meanwhile")
    await node.quiet()
    told = commands(await ann.ask("PING x"))
    assert "FAIL" not in told
    assert any("Redacted" in type(entry.record).__name__ for entry in node.journal.kept)
    await node.hub.stop(1.0)
