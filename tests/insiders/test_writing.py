"""The matrix is written anew in its place, all of it or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.insiders import matrix


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "matrix.txt"
    monkeypatch.setattr(matrix, "TABLE", path)
    return path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["matrix", *arguments])
    matrix.main()


def test_a_new_row_gets_its_cells_and_others_stay(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    head, row = "# who\n", "TOPIC #c"
    table.write_text(f"{head}{row}\nJOIN #c | old\n", encoding="utf-8")
    run(monkeypatch)
    printed = capsys.readouterr().out
    assert table.read_text(encoding="utf-8") == f"{head}{row}\nJOIN #c | old\n", "only printed"
    run(monkeypatch, "--write")
    assert table.read_text(encoding="utf-8") == printed
    assert printed.startswith(head)
    assert matrix.rows() == {sent: matrix.tried(sent) for sent in (row, "JOIN #c")}
    assert [path.name for path in table.parent.iterdir()] == ["matrix.txt"]


def test_what_goes_wrong_leaves_the_table(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(sent: str) -> list[str]:
        raise RuntimeError(sent)

    table.write_text("JOIN #c | +\n", encoding="utf-8")
    monkeypatch.setattr(matrix, "tried", fails)
    with pytest.raises(RuntimeError, match="JOIN"):
        run(monkeypatch, "--write")
    assert table.read_text(encoding="utf-8") == "JOIN #c | +\n"


def test_a_table_that_was_emptied_says_what_to_do(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.write_text("", encoding="utf-8")
    with pytest.raises(SystemExit, match="get it back with git"):
        run(monkeypatch, "--write")
