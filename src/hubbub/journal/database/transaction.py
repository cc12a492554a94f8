"""A transaction that ends as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import apsw


@contextmanager
def transaction(connection: apsw.Connection) -> Iterator[None]:
    """Commit what the block wrote, or roll it back and raise.

    apsw's own `with connection` is a savepoint: when there is no room for its release, SQLite has
    rolled back already, and apsw then reports the missing savepoint instead of the full disk.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
