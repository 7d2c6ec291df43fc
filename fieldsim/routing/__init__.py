"""Routing: one rep's day, the best order and times, proven where possible, with reasons for what is left out."""

from fieldsim.routing.day import ENGINES, route_day
from fieldsim.routing.many import route_days
from fieldsim.routing.ordered import follow_order, replan_day
from fieldsim.routing.problem import problem_json, read_problem, route_json
from fieldsim.routing.slots import Slot, suggest_slot

__all__ = [
    "ENGINES",
    "Slot",
    "follow_order",
    "problem_json",
    "read_problem",
    "replan_day",
    "route_day",
    "route_days",
    "route_json",
    "suggest_slot",
]
