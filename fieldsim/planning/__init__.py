"""Which account on which day of the quarter."""

from fieldsim.planning.amend import amend
from fieldsim.planning.asked import check_asked
from fieldsim.planning.calendar import service_s
from fieldsim.planning.explain import WhyDay, explain_visit, regularity
from fieldsim.planning.export import plan_frame, read_plan, write_plan
from fieldsim.planning.joint import JointVisit, joint_parts, joint_visits, shared_accounts
from fieldsim.planning.quarter import day_problem, plan_quarter
from fieldsim.planning.relief import Relief, relief
from fieldsim.planning.sharing import book_of, due_in, seats, touched
from fieldsim.planning.wishes import Wishes, check_wishes, within
from fieldsim.planning.wishes_file import read_wishes

__all__ = [
    "JointVisit",
    "Relief",
    "WhyDay",
    "Wishes",
    "amend",
    "book_of",
    "check_asked",
    "check_wishes",
    "day_problem",
    "due_in",
    "explain_visit",
    "joint_parts",
    "joint_visits",
    "plan_frame",
    "plan_quarter",
    "read_plan",
    "read_wishes",
    "regularity",
    "relief",
    "seats",
    "service_s",
    "shared_accounts",
    "touched",
    "within",
    "write_plan",
]
