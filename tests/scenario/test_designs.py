"""Design files: what is written is read back the same, and owners of a CRM export are a design of their own."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import make_scenario

from fieldsim.errors import DataError, UsageError
from fieldsim.model import Design, Overlay, Scenario
from fieldsim.scenario import design_names, read_design, read_scenario, write_design

DATA = Path(__file__).parents[1] / "data"
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=12)


@pytest.fixture
def here(tmp_path: Path) -> Scenario:
    return read_scenario(shutil.copytree(DATA / "small", tmp_path / "small"))


def same(a: Design, b: Design) -> bool:
    arrays = np.array_equal(a.territory_of, b.territory_of) and np.array_equal(a.rep_of, b.rep_of)
    return arrays and (a.name, a.territories, a.overlays) == (b.name, b.territories, b.overlays)


@st.composite
def designs(draw: st.DrawFn) -> Design:
    """Designs of the small scenario, with vacant and empty territories and specialists."""
    territories = tuple(sorted(draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))))
    count = len(territories)
    owners = draw(st.permutations([0, 1, 2, *[-1] * count]))[:count]
    of = draw(st.lists(st.integers(0, count - 1), min_size=12, max_size=12))
    pairs = draw(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 2)), max_size=4, unique_by=lambda pair: pair[0]))
    share = st.floats(0.0, 1.0)
    overlays = tuple(Overlay(account, rep, draw(share), draw(share), draw(share)) for account, rep in sorted(pairs))
    return Design("drawn", territories, np.array(of, dtype=np.int64), np.array(owners, dtype=np.int64), overlays)


@settings(deadline=None, max_examples=60)
@given(design=designs(), reasoned=st.booleans())
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, design: Design, reasoned: bool) -> None:
    scenario = make_scenario(folder=tmp_path_factory.mktemp("round"))
    reasons = {k: f'moved, "why"\n{k}' for k in range(0, 12, 2)} if reasoned else None
    path = write_design(scenario, design, reasons)
    assert path == scenario.folder / "designs" / "drawn.csv"
    assert same(read_design(scenario, "drawn"), design)


def test_writing_leaves_nothing_but_the_design(here: Scenario) -> None:
    write_design(here, replace(read_design(here, "today"), name="new"))
    assert sorted(path.name for path in (here.folder / "designs").iterdir()) == ["new.csv", "split.csv", "today.csv"]


def test_a_design_without_overlays_removes_the_old_ones(here: Scenario) -> None:
    design = replace(read_design(here, "today"), name="new")
    write_design(here, replace(design, overlays=(Overlay(0, 1, 0.5, 0.5, 0.0),)))
    write_design(here, design)
    assert read_design(here, "new").overlays == ()


def test_the_order_of_rows_does_not_matter(here: Scenario) -> None:
    path = here.folder / "designs" / "today.csv"
    before = read_design(here, "today")
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([header, *reversed(rows)]) + "\n", encoding="utf-8")
    assert same(read_design(here, "today"), before)


def test_an_empty_rep_is_a_vacant_seat(here: Scenario) -> None:
    path = here.folder / "designs" / "split.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",Port,R02", ",Port,"), encoding="utf-8")
    design = read_design(here, "split")
    assert design.rep_of.tolist() == [0, -1, 2]
    assert design.owner[5] == -1


def test_overlay_credit_is_the_revenue_share_unless_said(here: Scenario) -> None:
    path = here.folder / "designs" / "today.overlays.csv"
    path.write_text("account,rep,revenue_share,quota_credit\nA02,R03,0.4,\nA01,R02,0.25,1\n", encoding="utf-8")
    assert read_design(here, "today").overlays == (Overlay(0, 1, 0.25, 1.0, 0.0), Overlay(1, 2, 0.4, 0.4, 0.0))


def test_designs_may_be_parquet_or_xlsx(here: Scenario) -> None:
    import polars as pl

    folder = here.folder / "designs"
    frame = pl.read_csv(folder / "split.csv")
    frame.write_parquet(folder / "p.parquet")
    frame.write_excel(folder / "x.xlsx")
    for name in ("p", "x"):
        assert same(replace(read_design(here, name), name="split"), read_design(here, "split"))


def test_an_unknown_design_is_a_wrong_call(here: Scenario) -> None:
    with pytest.raises(UsageError, match=r"no design 'tody' in Small; there are: split, today \(did you mean 'today'\?\)"):
        read_design(here, "tody")


@pytest.mark.parametrize("name", ["", " ", "../up", "a/b", ".hidden", "a\\b", "x.overlays", "a:b", "con*"])
def test_refuses_names_that_are_no_file(here: Scenario, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a design file"):
        write_design(here, replace(read_design(here, "today"), name=name))


def test_does_not_write_beside_a_workbook_of_that_name(here: Scenario) -> None:
    (here.folder / "designs" / "new.xlsx").write_bytes(b"x")
    with pytest.raises(DataError, match="in another format"):
        write_design(here, replace(read_design(here, "today"), name="new"))


def test_owners_of_an_export_are_a_design() -> None:
    scenario = read_scenario(DATA / "salesforce")
    design = read_design(scenario, "owners")
    assert design.territories == ("Pat Leaver", "dana", "marcus", "priya")
    assert design.rep_of.tolist() == [-1, 0, 1, 2]
    owners = [scenario.reps[rep].name if rep >= 0 else "Pat Leaver" for rep in design.owner.tolist()]
    assert owners == list(scenario.accounts.owner)


def test_accounts_without_owner_have_a_vacant_territory(here: Scenario) -> None:
    blank = replace(here.accounts, owner=("", *here.accounts.owner[1:]))
    design = read_design(replace(here, accounts=blank), "owners")
    assert design.territories == ("R01", "R02", "R03", "no owner")
    assert design.owner[0] == -1


def test_a_file_called_owners_goes_before_the_column(here: Scenario) -> None:
    shutil.copy(here.folder / "designs" / "split.csv", here.folder / "designs" / "owners.csv")
    assert read_design(here, "owners").territories == ("North", "Port", "South")


def test_lists_the_designs_of_a_folder(here: Scenario) -> None:
    (here.folder / "designs" / "today.overlays.csv").write_text("account,rep,revenue_share\n", encoding="utf-8")
    assert design_names(here.folder) == ["split", "today"]
