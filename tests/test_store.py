"""Files are whole or absent, keys follow content, and what is damaged counts as absent."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsim.store import Store, content_key, write_atomic

parts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(parts, parts)
def test_a_key_tells_different_contents_apart(one: object, two: object) -> None:
    assert (content_key(one) == content_key(two)) == _same(one, two)


def _same(one: object, two: object) -> bool:
    """Equal in value and type, dictionaries in any order."""
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(_same(one[key], two[key]) for key in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(_same(a, b) for a, b in zip(one, two, strict=True))
    return type(one) is type(two) and one == two


def test_an_array_is_keyed_by_type_shape_and_values() -> None:
    flat = np.arange(6)
    keys = {content_key(a) for a in (flat, flat.reshape(2, 3), flat.reshape(3, 2), flat.astype(np.int32), flat + 1)}
    assert len(keys) == 5
    assert content_key(np.arange(12)[::2]) == content_key(np.arange(0, 12, 2))


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "answer.txt"
    write_atomic(file, b"old")

    def broken(self: Path, target: Path) -> None:
        raise OSError("no space")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="no space"):
        write_atomic(file, b"new")
    assert file.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["answer.txt"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_a_written_file_can_be_read_by_whom_the_user_lets(tmp_path: Path) -> None:
    write_atomic(tmp_path / "shared.csv", b"x")
    assert (tmp_path / "shared.csv").stat().st_mode & 0o044 == 0o044


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 half a file", b"\x80\x05garbage"])
def test_a_damaged_file_counts_as_absent(tmp_path: Path, damage: bytes) -> None:
    store = Store(tmp_path)
    store.keep_arrays("matrix", "abcd", {"seconds": np.arange(5)})
    store.keep("plan", "abcd", {"day": 3})
    for kind, suffix in (("matrix", ".npz"), ("plan", ".pickle")):
        store.path(kind, "abcd", suffix).write_bytes(damage)
    assert store.arrays("matrix", "abcd") is None
    assert store.get("plan", "abcd") is None
    assert store.once("plan", "abcd", lambda: "made again") == "made again"


def test_the_store_counts_and_clears(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep_arrays("matrix", "abcd", {"seconds": np.arange(5)})
    assert store.sizes()["matrix"][0] == 1
    store.clear("matrix")
    assert store.sizes() == {}
    store.clear()
    store.clear()
