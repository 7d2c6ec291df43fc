"""Turnover: who takes over the accounts of a rep who leaves, and what the next hire starts with."""

from fieldsim.turnover.asking import ask_policy
from fieldsim.turnover.by_hand import fill_seat, hand_over
from fieldsim.turnover.hire import Patch, first_patch, patch_quality
from fieldsim.turnover.policies import POLICIES
from fieldsim.turnover.vacancy import Force, HandOver, Policy, Vacancy, open_force, vacancy_of

__all__ = [
    "POLICIES",
    "Force",
    "HandOver",
    "Patch",
    "Policy",
    "Vacancy",
    "ask_policy",
    "fill_seat",
    "first_patch",
    "hand_over",
    "open_force",
    "patch_quality",
    "vacancy_of",
]
