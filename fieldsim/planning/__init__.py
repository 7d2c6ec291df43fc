"""Which account on which day of the quarter."""

from fieldsim.planning.amend import amend
from fieldsim.planning.explain import explain_visit, regularity, relief
from fieldsim.planning.export import plan_frame, write_plan
from fieldsim.planning.quarter import day_problem, plan_quarter
from fieldsim.planning.wishes import Wishes

__all__ = ["Wishes", "amend", "day_problem", "explain_visit", "plan_frame", "plan_quarter", "regularity", "relief", "write_plan"]
