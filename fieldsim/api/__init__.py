"""The Python API: a dozen functions that do what the commands do (README, "From Python")."""

from fieldsim.api.changing import fill_seat, merge_seats, overlay_accounts, split_seat, vacate_seat
from fieldsim.api.comparing import Results, compare_designs
from fieldsim.api.curves import cost_curve
from fieldsim.api.days import day_of, quarter_of, read_date, route_day
from fieldsim.api.designing import (
    Made,
    account_move,
    check_account,
    check_method,
    check_replaceable,
    design_territories,
    make_design,
    write_result,
)
from fieldsim.api.ground import check_scenario, design_names, open_travel, point_of, rep_position, travel_times
from fieldsim.api.leads import lead_owner, who_owns
from fieldsim.api.plans import (
    check_plan_file,
    check_wishes,
    explain_plan,
    joint_visits,
    plan_quarter,
    read_plan,
    read_wishes,
    write_plan,
)
from fieldsim.api.stressing import StressResults, stress_turnover
from fieldsim.scenario import check_design_name, read_design, read_scenario, write_design

__all__ = [
    "Made",
    "Results",
    "StressResults",
    "account_move",
    "check_account",
    "check_design_name",
    "check_method",
    "check_plan_file",
    "check_replaceable",
    "check_scenario",
    "check_wishes",
    "compare_designs",
    "cost_curve",
    "day_of",
    "design_names",
    "design_territories",
    "explain_plan",
    "fill_seat",
    "joint_visits",
    "lead_owner",
    "make_design",
    "merge_seats",
    "open_travel",
    "overlay_accounts",
    "plan_quarter",
    "point_of",
    "quarter_of",
    "read_date",
    "read_design",
    "read_plan",
    "read_scenario",
    "read_wishes",
    "rep_position",
    "route_day",
    "split_seat",
    "stress_turnover",
    "travel_times",
    "vacate_seat",
    "who_owns",
    "write_design",
    "write_plan",
    "write_result",
]
