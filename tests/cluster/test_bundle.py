"""The bundle: the same files on the other side, whole or not at all, and no stranger's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubbub.cluster import bundle as bundles
from hubbub.cluster.bundle import Bundle
from hubbub.cluster.errors import ClusterError
from hubbub.cluster.members import Member, read_shared
from tests.cluster.founder import HOSTS, NOW, Founder

MEMBER = Member(1, "b", "b:6222", "b:7900")


async def _bundle(folder: Path) -> Bundle:
    founder = Founder(folder)
    await founder.make()
    return bundles.collect(founder.data_dir, founder.shared, MEMBER, b"c" * 32)


async def test_the_joiner_has_the_same_files_and_a_certificate_of_its_own(tmp_path: Path) -> None:
    bundle = bundles.decode(bundles.encode(await _bundle(tmp_path / "a")))
    b = tmp_path / "b"
    bundles.keep(b, bundle)
    bundles.unpack(b, bundle, HOSTS, NOW)
    for name in ("ssh_host_ed25519_key", "cloak.key", "cluster/ca.pem", "cluster/ca-key.pem"):
        assert (b / name).read_bytes() == (tmp_path / "a" / name).read_bytes()
        assert (b / name).stat().st_mode & 0o777 == 0o600
    assert (b / bundles.OWN).read_bytes() != (tmp_path / "a" / bundles.OWN).read_bytes()
    shared = read_shared(b)
    assert shared is not None
    assert shared.own == MEMBER
    assert shared.journal == bundle.journal
    assert not (b / bundles.RECEIVED).exists()


async def test_what_breaks_off_in_the_middle_goes_on(tmp_path: Path) -> None:
    bundle, b = await _bundle(tmp_path / "a"), tmp_path / "b"
    bundles.keep(b, bundle)
    # The disk ends where the host key is written.
    (b / "ssh_host_ed25519_key.new").mkdir()
    with pytest.raises(OSError, match=r".+"):
        bundles.unpack(b, bundle, HOSTS, NOW)
    assert read_shared(b) is None
    bundles.check_empty(b, "journal.sqlite")
    (b / "ssh_host_ed25519_key.new").rmdir()
    again = bundles.received(b)
    assert again is not None
    bundles.unpack(b, again, HOSTS, NOW)
    assert read_shared(b) is not None
    assert bundles.received(b) is None


async def test_a_used_directory_is_refused(tmp_path: Path) -> None:
    founder = Founder(tmp_path / "a")
    await founder.make()
    with pytest.raises(ClusterError, match="a member of a cluster already, number 0"):
        bundles.check_empty(founder.data_dir, "journal.sqlite")
    (founder.data_dir / "cluster" / "shared.json").unlink()
    with pytest.raises(ClusterError, match=r"holds journal\.sqlite, cloak\.key"):
        bundles.check_empty(founder.data_dir, "journal.sqlite")
    bundles.check_empty(tmp_path / "new", "journal.sqlite")


async def test_the_digest_tells_clusters_apart_and_renewals_not(tmp_path: Path) -> None:
    one, other = await _bundle(tmp_path / "a"), await _bundle(tmp_path / "b")
    assert one.digest != other.digest
    files = {**one.files, "certificate.pem": b"renewed"}
    renewed = Bundle(one.journal, one.msgid_key, MEMBER, one.members, files)
    assert renewed.digest == one.digest
    bundles.check_digest(one.digest, renewed.digest, "b")
    with pytest.raises(ClusterError, match="node b is of another cluster"):
        bundles.check_digest(one.digest, other.digest, "b")


def _without(held: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in held.items() if key != name}


@pytest.mark.parametrize("name", ["hubbub", "format", "journal", "msgid_key", "files", "digest"])
async def test_a_stranger_s_bundle_is_refused(tmp_path: Path, name: str) -> None:
    held = json.loads(bundles.encode(await _bundle(tmp_path / "a")))
    for wrong in (_without(held, name), {**held, name: "0"}, {**held, name: ["x"]}):
        with pytest.raises(ClusterError, match="no bundle"):
            bundles.decode(json.dumps(wrong).encode())


async def test_no_file_of_another_place_is_written(tmp_path: Path) -> None:
    held = json.loads(bundles.encode(await _bundle(tmp_path / "a")))
    held["files"]["../../.ssh/authorized_keys"] = ""
    with pytest.raises(ClusterError, match="no bundle"):
        bundles.decode(json.dumps(held).encode())


@pytest.mark.parametrize("data", [b"", b"{}", b"[" * 100_000, b"\xff", b'"x"', b"null"])
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(ClusterError, match="no bundle"):
        bundles.decode(data)


async def test_no_secret_is_in_what_a_log_quotes(tmp_path: Path) -> None:
    assert "msgid_key" not in repr(await _bundle(tmp_path / "a"))
