"""Atomic, content-keyed files: caches and checkpoints that survive a kill and two writers at once."""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T")


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, then rename: a reader sees the old file or the new one, never half of either."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(beside).chmod(0o666 & ~_umask())  # mkstemp makes files that only their owner reads
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """The permissions that the user's new files go without."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def content_key(*parts: object) -> str:
    """A hexadecimal key (160 bits) of the content of `parts`: text, numbers, None, bytes, arrays, tuples, mappings."""
    digest = hashlib.blake2b(digest_size=20)
    for part in parts:
        _feed(digest, part)
    return digest.hexdigest()


def _feed(digest: hashlib.blake2b, part: object) -> None:
    """Add one part with its type and length, so that no two different contents read the same."""
    if isinstance(part, np.ndarray):
        part = np.ascontiguousarray(part)
        digest.update(f"array:{part.dtype.str}:{part.shape}:".encode())
        digest.update(part.tobytes())
    elif isinstance(part, Mapping):
        digest.update(f"map:{len(part)}:".encode())
        for key in sorted(part, key=str):
            _feed(digest, key)
            _feed(digest, part[key])
    elif isinstance(part, tuple | list):
        digest.update(f"list:{len(part)}:".encode())
        for item in part:
            _feed(digest, item)
    else:
        data = part if isinstance(part, bytes) else repr(part).encode()
        digest.update(f"{type(part).__name__}:{len(data)}:".encode())
        digest.update(data)


def cache_folder() -> Path:
    """Where fieldsim keeps what it can compute again: FIELDSIM_CACHE, or the user's cache folder."""
    from platformdirs import user_cache_path

    named = os.environ.get("FIELDSIM_CACHE")
    return Path(named) if named else user_cache_path("fieldsim")


@dataclass(frozen=True)
class Store:
    """A folder of results, one file a key, by kind (`matrix`, `plan`, ...). A damaged file counts as absent."""

    folder: Path

    def path(self, kind: str, key: str, suffix: str) -> Path:
        """Where the result of this kind and key is or would be."""
        return self.folder / kind / key[:2] / f"{key}{suffix}"

    def arrays(self, kind: str, key: str) -> dict[str, npt.NDArray[np.generic]] | None:
        """The named arrays stored under the key, or None."""
        try:
            with self.path(kind, key, ".npz").open("rb") as file, np.load(file, allow_pickle=False) as loaded:
                return {name: loaded[name] for name in loaded.files}
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
            return None

    def keep_arrays(self, kind: str, key: str, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
        """Store named arrays under the key."""
        import io

        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        write_atomic(self.path(kind, key, ".npz"), buffer.getvalue())

    def get(self, kind: str, key: str) -> object | None:
        """The frozen dataclass stored under the key, or None. Only fieldsim's own cache folder is ever unpickled."""
        try:
            return pickle.loads(self.path(kind, key, ".pickle").read_bytes())  # type: ignore[no-any-return]
        except (
            OSError,
            pickle.UnpicklingError,
            EOFError,
            AttributeError,
            ImportError,
            IndexError,
            ValueError,
            TypeError,
        ):
            return None

    def keep(self, kind: str, key: str, value: object) -> None:
        """Store a picklable value under the key."""
        write_atomic(self.path(kind, key, ".pickle"), pickle.dumps(value, protocol=5))

    def once(self, kind: str, key: str, make: Callable[[], T]) -> T:
        """The value under the key, made and stored if it is not there."""
        found = self.get(kind, key)
        if found is not None:
            return found  # type: ignore[return-value]
        made = make()
        self.keep(kind, key, made)
        return made

    def sizes(self) -> dict[str, tuple[int, int]]:
        """Files and bytes by kind."""
        sizes: dict[str, tuple[int, int]] = {}
        for kind in sorted(self.folder.iterdir()) if self.folder.is_dir() else []:
            files = [file for file in kind.rglob("*") if file.is_file()]
            sizes[kind.name] = (len(files), sum(file.stat().st_size for file in files))
        return sizes

    def clear(self, kind: str | None = None) -> None:
        """Delete everything of one kind, or everything."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self.folder / kind if kind else self.folder)


def default_store() -> Store:
    """The user's store."""
    return Store(cache_folder())
