"""Which account on which day of the quarter."""

from fieldsim.planning.quarter import day_problem, plan_quarter

__all__ = ["day_problem", "plan_quarter"]
