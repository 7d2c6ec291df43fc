"""Errors say the same in one line for people and as an object for scripts, also after crossing a process boundary."""

from __future__ import annotations

import pickle

import pytest

from fieldsim.errors import DataError, FieldsimError, InfeasibleError, TravelDataError, UsageError, did_you_mean


@pytest.mark.parametrize(
    ("kind", "code", "name"),
    [
        (FieldsimError, 1, "internal"),
        (UsageError, 2, "usage"),
        (DataError, 3, "bad_data"),
        (InfeasibleError, 4, "infeasible"),
        (TravelDataError, 5, "no_travel_data"),
    ],
)
def test_every_branch_has_its_exit_code_and_one_shape(kind: type[FieldsimError], code: int, name: str) -> None:
    error = kind("it broke", file="roads.npz", hint="mend it")
    assert error.exit_code == code
    place = {"file": "roads.npz", "row": None, "column": None}
    assert error.as_json() == {"error": {"code": name, "message": "it broke", **place, "hint": "mend it"}}


def test_a_data_error_names_its_place_and_survives_pickling() -> None:
    error = DataError("'x' is not a number", file="accounts.csv", row=3, column="lat", hint="mend it")
    assert str(error) == "accounts.csv, row 3, column lat: 'x' is not a number (mend it)"
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.as_json()) == (str(error), error.as_json())


def test_what_a_file_holds_stays_on_one_line() -> None:
    error = DataError("'Mo\n\x1b[31mFr' is not readable, café is", file="accounts.csv", row=5)
    assert str(error) == "accounts.csv, row 5: 'Mo\\n\\x1b[31mFr' is not readable, café is"


def test_close_words_are_suggested_and_far_ones_are_not() -> None:
    assert did_you_mean("potental", ["potential", "priority"]) == "did you mean 'potential'?"
    assert did_you_mean("xyz", ["potential"]) is None
