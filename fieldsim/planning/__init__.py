"""Which account on which day of the quarter."""

from fieldsim.planning.amend import amend
from fieldsim.planning.explain import explain_visit, regularity, relief
from fieldsim.planning.export import plan_frame, read_plan, write_plan
from fieldsim.planning.quarter import day_problem, plan_quarter
from fieldsim.planning.wishes import Wishes
from fieldsim.planning.wishes_file import read_wishes

__all__ = [
    "Wishes",
    "amend",
    "day_problem",
    "explain_visit",
    "plan_frame",
    "plan_quarter",
    "read_plan",
    "read_wishes",
    "regularity",
    "relief",
    "write_plan",
]
