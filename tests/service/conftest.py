"""A town for the session, and a fresh service over it for each test, on every database there is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from town import Clock, Town, write_town

from fieldsim.service.database import Database, open_database
from fieldsim.service.ground import Ground, open_ground
from fieldsim.service.settings import Settings
from fieldsim.service.tables import metadata

POSTGRES = os.environ.get("FIELDSIM_TEST_POSTGRES", "")


@pytest.fixture(scope="session")
def town_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_town(tmp_path_factory.mktemp("town") / "town")


@pytest.fixture(scope="session")
def town_ground(town_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIELDSIM_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        ground = open_ground(Settings(town_folder, "today", effort="quick"))
        for rep in ground.seats:
            ground.plan(rep, 0, patience_s=None)
    return ground


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On SQLite always; where a server is named, what writes also on PostgreSQL."""
    if "database_url" in metafunc.fixturenames:
        both = POSTGRES and metafunc.module.__name__.rpartition(".")[2] in ("test_days", "test_once", "test_jobs", "test_export")
        metafunc.parametrize("database_url", ["sqlite", "postgres"] if both else ["sqlite"], indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return _own_database() if request.param == "postgres" else f"sqlite:///{tmp_path / 'service.sqlite'}"


def _own_database() -> str:
    """A database of this test process on the named server."""
    import psycopg
    from sqlalchemy import make_url

    name = f"fieldsim_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with psycopg.connect(POSTGRES.replace("+psycopg", ""), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(f'CREATE DATABASE "{name}"')
    return make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    if not opened.local:
        with opened.write() as connection:
            for table in metadata.sorted_tables:
                connection.execute(table.delete())
    yield opened
    opened.engine.dispose()


@pytest.fixture
def town(town_ground: Ground, database: Database) -> Town:
    from fieldsim.service.app import create_app

    clock = Clock()
    settings = replace(town_ground.settings, clock=clock)
    ground = replace(town_ground, settings=settings)
    return Town(create_app(settings, ground=ground, database=database), clock)
