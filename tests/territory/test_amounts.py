"""Amounts that cannot be added up are refused by name, whoever made the scenario."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.errors import DataError
from fieldsim.territory import design_territories


@pytest.mark.parametrize("column", ["potential", "revenue_last_year", "open_pipeline", "visits", "visit_minutes", "remote"])
@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_an_amount_that_is_no_number_from_0_is_named(column: str, value: float) -> None:
    scenario = make_scenario(12, 3)
    values = np.asarray(getattr(scenario.accounts, column), dtype=np.float64).copy()
    values[7] = value
    scenario = replace(scenario, accounts=replace(scenario.accounts, **{column: values}))
    with pytest.raises(DataError, match=f"column {column}: account 'A0007' has .*, not a number from 0"):
        design_territories(scenario, make_travel(scenario), start=make_design(scenario), calibrations=0)
