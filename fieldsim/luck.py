"""Keyed luck: every random number is a function of (seed, replication, purpose, key, index), whoever asks and in any order.

Counter-based Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). The 64-bit Philox key is a
hash of (seed, replication, purpose); the 128-bit counter holds the entity's hash and two 32-bit indices. Moving an account to
another rep, dropping a visit or adding a rep therefore leaves all other draws as they were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from fieldsim.compiled import inner, kernel

Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]


def key_of(entity: str) -> int:
    """The 64-bit key of a user's id: a hash of the id itself, never of its row."""
    return int.from_bytes(hashlib.blake2b(entity.encode(), digest_size=8).digest(), "little")


def keys_of(entities: Iterable[str]) -> Keys:
    """`key_of` for many ids, shape [n]."""
    return np.array([key_of(entity) for entity in entities], dtype=np.uint64)


def stream(seed: int, replication: int, purpose: str) -> np.uint64:
    """The stream of one purpose ("no_show", "deal_size", ...) in one replication."""
    return np.uint64(key_of(f"{seed}\x1f{replication}\x1f{purpose}"))


@inner
def _mulhilo(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    product = a * b
    return product >> np.uint64(32), product & np.uint64(0xFFFFFFFF)


@kernel
def philox(key: np.uint64, c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64) -> tuple[np.uint64, ...]:
    """Ten rounds of Philox4x32 on a 64-bit key and four 32-bit counter words; four 32-bit words out."""
    low = np.uint64(0xFFFFFFFF)
    k0, k1 = key & low, key >> np.uint64(32)
    for _ in range(10):
        h0, l0 = _mulhilo(np.uint64(0xD2511F53), c0)
        h1, l1 = _mulhilo(np.uint64(0xCD9E8D57), c2)
        c0, c1, c2, c3 = (h1 ^ c1 ^ k0) & low, l1, (h0 ^ c3 ^ k1) & low, l0
        k0, k1 = (k0 + np.uint64(0x9E3779B9)) & low, (k1 + np.uint64(0xBB67AE85)) & low
    return c0, c1, c2, c3


@kernel
def uniform(stream_key: np.uint64, entity: np.uint64, index: int, second: int = 0) -> float:
    """One uniform number in (0, 1), 53 bits, for an entity and up to two indices (each below 2**32)."""
    low = np.uint64(0xFFFFFFFF)
    entity = np.uint64(entity)
    a, b, _, _ = philox(
        np.uint64(stream_key), entity & low, entity >> np.uint64(32), np.uint64(index) & low, np.uint64(second) & low
    )
    mantissa = ((a << np.uint64(32)) | b) >> np.uint64(11)
    return (float(mantissa) + 0.5) * 1.1102230246251565e-16


@kernel
def _fill(stream_key: np.uint64, entities: Keys, start: int, out: Floats) -> None:
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            out[row, column] = uniform(stream_key, entities[row], start + column)


def uniforms(stream_key: np.uint64, entities: Keys, count: int, start: int = 0) -> Floats:
    """Uniform numbers in (0, 1) of indices start..start+count-1 for each entity, shape [entities, count]."""
    out = np.empty((len(entities), count))
    _fill(stream_key, entities, start, out)
    return out


def normals(stream_key: np.uint64, entities: Keys, count: int, start: int = 0) -> Floats:
    """Standard normal numbers by inverse distribution (monotone in the uniforms), shape [entities, count]."""
    out: Floats = ndtri(uniforms(stream_key, entities, count, start))
    return out
