"""Fixtures of the travel room."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def extracts() -> Path:
    """The folder of road extracts outside the repository; tests that need it are skipped where it is absent."""
    named = os.environ.get("FIELDSIM_DATA")
    folder = (Path(named) if named else Path(__file__).parents[3] / "shared" / "data") / "roads"
    if not folder.is_dir():
        pytest.skip("no road extracts here")
    return folder
