"""The Python API: a dozen functions that do what the commands do (README, "From Python")."""

from fieldsim.api.comparing import Results, compare_designs
from fieldsim.api.days import day_of, plan_quarter, quarter_of, read_date, route_day, write_plan
from fieldsim.api.designing import account_move, design_territories, make_design, write_result
from fieldsim.api.ground import check_scenario, design_names, open_travel, point_of, rep_position, travel_times
from fieldsim.api.stressing import StressResults, stress_turnover
from fieldsim.scenario import read_design, read_scenario, write_design

__all__ = [
    "Results",
    "StressResults",
    "account_move",
    "check_scenario",
    "compare_designs",
    "day_of",
    "design_names",
    "design_territories",
    "make_design",
    "open_travel",
    "plan_quarter",
    "point_of",
    "quarter_of",
    "read_date",
    "read_design",
    "read_scenario",
    "rep_position",
    "route_day",
    "stress_turnover",
    "travel_times",
    "write_design",
    "write_plan",
    "write_result",
]
