"""Routing: one rep's day, the best order and times, proven where possible, with reasons for what is left out."""

from fieldsim.routing.day import route_day
from fieldsim.routing.many import route_days
from fieldsim.routing.problem import problem_json, read_problem, route_json

__all__ = ["problem_json", "read_problem", "route_day", "route_days", "route_json"]
