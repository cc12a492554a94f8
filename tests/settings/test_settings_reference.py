"""The settings' reference and the example files say what the code says."""

from pathlib import Path

from hubbub.settings import Settings, load_settings
from hubbub.settings.sources import read_dotenv, read_toml
from tools.settings_reference import render

ROOT = Path(__file__).parents[2]


def test_every_setting_is_described() -> None:
    missing = [line for line in render().splitlines() if line.endswith("|  |")]
    assert missing == []


def _uncommented(name: str, path: Path) -> Path:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    # A comment has a space after its mark, a setting that is switched off has none.
    text = "\n".join(line[1:] if line[:1] == "#" and line[1:2] != " " else line for line in lines)
    path.write_text(text.replace("p=1$...", "p=1$" + "A" * 22 + "$" + "A" * 43), encoding="utf-8")
    return path


def test_example_toml_is_accepted(tmp_path: Path) -> None:
    settings = load_settings(ROOT / "hubbub.example.toml", None, {}, tmp_path)
    assert settings.name == "chat.example.org"


def test_every_example_in_toml_is_a_setting(tmp_path: Path) -> None:
    path = _uncommented("hubbub.example.toml", tmp_path / "all.toml")
    tree = read_toml(path).tree
    assert len(tree["limits"]) == 6
    del tree["motd_file"], tree["mail"]["password_file"]
    settings = Settings.model_validate(tree)
    assert settings.limits == Settings().limits
    assert settings.doors == Settings().doors
    assert settings.motd == "Welcome."


def test_every_example_in_dotenv_is_a_setting(tmp_path: Path) -> None:
    source = read_dotenv(_uncommented(".env.example", tmp_path / ".env"))
    assert (source.address, source.port) == ("0.0.0.0", "6697")  # noqa: S104
    settings = Settings.model_validate(source.tree)
    assert settings.channels.keep == ("#lobby", "#team-*")
