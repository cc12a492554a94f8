"""Looking how the order goes, and doing what the table says of a node that it has left behind.

What a session has to be told stands here; hubbub.node.peers.standing says when.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from hubbub.core.deciding.read_only import NO_QUORUM
from hubbub.core.policy.scopes import CONSOLE
from hubbub.irc.message import Message
from hubbub.node.limits.slices import Steps
from hubbub.node.peers.standing import LOOK_SECONDS, Fate, Stage, Standing
from hubbub.node.sessions import Sessions

ORDER: Final = "order"
"""Under which name STATUS and the log tell of it."""
STALLED: Final = (
    "This server has lost the others it needs: nothing can be said or changed here for now. What "
    "was said before can be read; go on by another server, or wait for this one to say that it can"
)
RESUMED: Final = "This server has the others again: all can be said and changed as before"
LOST: Final = "This server was cut off, and the others went on without it; connect again"
REPLACED: Final = (
    "another process serves as this node by now, with the same number; stop one of both"
)

_TROUBLES: Final = {
    Stage.NOT_READY: "what is asked for has not been settled for {0} s; newcomers are turned away",
    Stage.READ_ONLY: "what is asked for has not been settled for {0} s; nothing is taken any more",
    Stage.GIVEN_BACK: "what is asked for has not been settled for {0} s; nothing is taken any more",
    Stage.LOST: "the others have given this node up, which begins anew",
    Stage.REPLACED: REPLACED,
}
_MEND: Final = "see that the servers of the log run and reach each other: `hubbub cluster status`"

_log = structlog.get_logger(__name__)


class OrderWatch:
    """Look at the order, while the node runs, and act at each step from one stage to the next.

    `give_up` is called with the reason when it was replaced: then it has to stop. That the others
    have given it up the journal tells first (EpochLost): it begins anew, and is not ready until
    that has come true.
    """

    def __init__(
        self,
        sessions: Sessions,
        give_up: Callable[[str], None],
    ) -> None:
        """Be in order; `start` begins to look."""
        self._sessions = sessions
        self._give_up = give_up
        self._standing = Standing()
        self._telling = sessions.slices()
        self._is_on = False
        sessions.troubles.ask(self._troubles)

    @property
    def stage(self) -> Stage:
        """Return how the node stands."""
        return self._standing.stage

    def start(self) -> None:
        """Look from now on, every LOOK_SECONDS, until `stop`."""
        self._is_on = True
        self._sessions.later(LOOK_SECONDS, self._tick)

    def stop(self) -> None:
        """Look no more."""
        self._is_on = False

    def _tick(self) -> None:
        if self._is_on:
            # Asked for first: a fault in one look is not to be the last of all looks.
            self._sessions.later(LOOK_SECONDS, self._tick)
            self.look()

    def look(self) -> None:
        """Look once, and act where the stage is another than before."""
        sessions, before = self._sessions, self.stage
        facts = sessions.journal.log_facts()
        stage = self._standing.look(facts, self._fate(), sessions.now())
        if stage is before:
            return
        sessions.has_quorum, sessions.is_read_only = stage.is_ready, stage.is_read_only
        if max(stage, before) >= Stage.NOT_READY:
            _log.warning("order", stage=stage.name.lower(), before=before.name.lower())
        if stage is Stage.REPLACED:
            sessions.journal.abandon()
            self._give_up(REPLACED)
        elif stage.is_read_only and not before.is_read_only:
            self._telling.do(self._tell(STALLED))
        elif before.is_read_only and not stage.is_read_only:
            self._telling.do(self._tell(RESUMED))
        if stage is Stage.GIVEN_BACK:
            sessions.journal.give_back()
        # Who waits for records that do not come back may go on reading.
        sessions.backlog.let_go()

    def _fate(self) -> Fate:
        """Say what the World tells of this process: all nodes hear it in the same place."""
        own = self._sessions.own
        node = self._sessions.world.nodes.get(own.node)
        if node is None:
            return Fate.LIVES
        if node.epoch > own.epoch:
            return Fate.REPLACED
        is_here = node.epoch == own.epoch and node.is_up
        return Fate.LIVES if is_here or self._sessions.is_stopping else Fate.LOST

    def _tell(self, text: str) -> Steps:
        """Tell everybody who is in, and close who is not: they would wait for nothing."""
        sessions = self._sessions
        for connection in list(sessions.roster.connections.values()):
            if connection.ended or connection.closing:
                pass
            elif connection.session.user is None:
                sessions.close(connection, NO_QUORUM)
            elif connection.session.scope != CONSOLE:
                nick = connection.session.shown_nick
                connection.outbox.tell(Message("NOTICE", (nick, text), sessions.server).encode())
                # What was asked for and does not come back keeps nobody from reading.
                connection.work()
            yield
        sessions.flush_soon()

    def _troubles(self) -> dict[str, str]:
        words = _TROUBLES.get(self.stage)
        if words is None:
            return {}
        return {ORDER: f"{words.format(int(self._standing.waited))}; {_MEND}"}
