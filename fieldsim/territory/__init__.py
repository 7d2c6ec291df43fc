"""Territory design: who should own which account, what that changes and why."""

from fieldsim.territory.design import DESIGNERS, Designer, design_territories
from fieldsim.territory.units import Wishes

__all__ = ["DESIGNERS", "Designer", "Wishes", "design_territories"]
