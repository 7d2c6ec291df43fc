"""Which account on which day of the quarter."""

from fieldsim.planning.amend import amend
from fieldsim.planning.quarter import day_problem, plan_quarter
from fieldsim.planning.wishes import Wishes

__all__ = ["Wishes", "amend", "day_problem", "plan_quarter"]
