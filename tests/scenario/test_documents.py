"""What is written about the format is true: the documented scenario.toml is read, and the example exports can be rebuilt."""

from __future__ import annotations

import random
import shutil
import sys
import textwrap
import tomllib
from importlib import util
from pathlib import Path
from types import ModuleType

import pytest

from fieldsim.scenario import read_scenario
from fieldsim.scenario import settings as module
from fieldsim.scenario.columns import ACCOUNT_COLUMNS, crm_headers
from fieldsim.scenario.settings import Settings

DATA = Path(__file__).parents[1] / "data"


def documented() -> dict[str, object]:
    """The scenario.toml in the module's docstring."""
    text = (module.__doc__ or "").split("\n\n", 1)[1]
    return tomllib.loads(textwrap.dedent(text))


def test_the_documented_file_is_read() -> None:
    Settings.model_validate(documented())


def test_every_key_is_documented() -> None:
    shown = documented()
    assert set(shown) == set(Settings.model_fields)
    for name, model in (
        ("quarter", module.QuarterSection),
        ("day", module.DaySection),
        ("travel", module.TravelSection),
        ("rates", module.RatesSection),
        ("quota", module.QuotaSection),
        ("columns", module.ColumnsSection),
        ("places", module.PlacesSection),
    ):
        section = shown[name]
        assert isinstance(section, dict)
        assert set(section) == set(model.model_fields), name


@pytest.mark.parametrize("section", ["day", "travel", "rates"])
def test_documented_defaults_hold(section: str) -> None:
    shown = getattr(Settings.model_validate(documented()), section).model_dump()
    bare = Settings.model_validate({"country": "CL", "timezone": "America/Santiago", "quarter": {"start": "2026-10-01"}})
    defaults = getattr(bare, section).model_dump()
    examples = ("roads", "table", "profile", "periods")  # shown as they could be; by default there is none
    assert {key: value for key, value in shown.items() if key not in examples} == {
        key: value for key, value in defaults.items() if key not in examples
    }


@pytest.mark.parametrize("crm", ["salesforce", "salesforce_api", "hubspot", "dynamics", "zoho"])
def test_ready_made_mappings_use_our_names(crm: str) -> None:
    headers = crm_headers(crm)
    assert set(headers) <= set(ACCOUNT_COLUMNS)
    assert "account" in headers
    assert not {"potential", "revenue_last_year", "open_pipeline"} & set(headers)


def build() -> ModuleType:
    spec = util.spec_from_file_location("example_exports", DATA / "build.py")
    assert spec
    assert spec.loader
    loaded = util.module_from_spec(spec)
    sys.modules[spec.name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


@pytest.mark.parametrize(("name", "seed"), [("salesforce", 2026), ("workbook", 2027)])
def test_example_exports_can_be_rebuilt(tmp_path: Path, name: str, seed: int) -> None:
    folder = Path(shutil.copytree(DATA / name, tmp_path / name))
    for path in (*folder.glob("*.xlsx"), folder / "accounts.csv", *folder.glob("designs/*")):
        path.unlink(missing_ok=True)
    getattr(build(), f"write_{name}")(folder, random.Random(seed))
    assert read_scenario(folder).content == read_scenario(DATA / name).content
    texts = [path.read_bytes() for path in sorted(folder.glob("**/*.csv"))]
    assert texts == [path.read_bytes() for path in sorted((DATA / name).glob("**/*.csv"))]
