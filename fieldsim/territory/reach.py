"""Visits that nobody can make: accounts too far from their rep's home to be there and back in a day."""

from __future__ import annotations

import numpy as np

from fieldsim.model import Bools, Floats, Ints, Scenario
from fieldsim.territory.estimate import Effort, Ways, beyond_reach, column_of
from fieldsim.territory.seats import Seats

PRICE = 10.0
"""What visits that are never made cost, in their part of all hours.

On the midwest potential out of reach falls from 4.8 to 2.8 % (balanced) and from 8.2 to 5.0 % (hybrid), for 10 and 5 % more
travel; workload as planned is 9 instead of 11 % off, and 14 instead of 10 %. Even fractions of accounts within 5 % leave 2.2 % at
this price; none at all takes 70 % more travel, within 10 % some 5 to 15 %.
"""
LEAST = 5.0
"""What an account out of reach counts for at least, in mean accounts.

Else those of one short visit and some potential would be the cheapest way to fill a seat: on the midwest 49 were out of reach for
that, with it 10 are, for 2 % more travel and no less balance. Where nothing moves out of reach anyhow, it does not count.
"""


def unreached(scenario: Scenario, seats: Seats, ways: Ways, owner: Ints) -> Bools:
    """Whether an account has visits on site, none of which fits into a day of its seat, shape [accounts]; False at seat -1."""
    accounts = scenario.accounts
    far = beyond_reach(accounts, seats, ways, (np.arange(len(owner)), column_of(ways.seat, owner)))
    on_site: Bools = far & (owner >= 0) & (accounts.remote < 1.0) & (accounts.visits > 0)
    return on_site


def add_unreached(hours: Floats, scenario: Scenario, seats: Seats, ways: Ways, effort: Effort, least: float = LEAST) -> None:
    """Adds the price of visits that are never made to hours [accounts, columns]: of seats too far, where another is not.

    What is lost is the mean of the account's part of all potential and of all hours of visits, or that of `least` mean accounts,
    and counts as that part of all hours times PRICE: in proportion, so that an account may still fill a seat that has too little.
    """
    accounts = scenario.accounts
    if 2.0 * ways.home_s.max() + 60.0 * accounts.visit_minutes.max() <= seats.day_s.min():
        return  # of a million accounts a table is a tenth of the memory
    far = beyond_reach(accounts, seats, ways)
    far &= ~far.all(axis=1, keepdims=True)
    row, column = np.nonzero(far)
    if not len(row):
        return
    parts = [values / max(float(values.sum()), 1e-9) for values in (accounts.potential, effort.service)]
    # rounded, so that the order of rows in a sum decides nothing
    whole = round(float(effort.service.sum() + effort.travel.min(axis=1).sum()), 3)
    floor = np.where(accounts.visits > 0, least / len(accounts), 0.0)
    lost = np.round(np.maximum((parts[0] + parts[1]) / 2.0, floor) * (1.0 - accounts.remote), 12)
    hours[row, column] += PRICE * whole * lost[row]
