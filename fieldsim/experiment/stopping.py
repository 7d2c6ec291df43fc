"""When enough replications are enough: planned looks, each with its part of the 5 % error, and the reason a run stopped."""

from __future__ import annotations

from dataclasses import dataclass

from fieldsim.experiment.statistics import CONFIDENCE, Estimate

PRECISE_SHARE = 0.0025
"""A half-width of 0.25 % of revenue is as sharp as a verdict needs."""
FIRST_STAGE = 20
"""From 10, a run that stops when it sees a skewed difference covers it only 91 times in 100: so few tell little of a skew."""
_STOPPED_ALPHA = 0.044
"""With 0.05, a run that stops when it sees a difference covers it 93.3 to 95.7 times in 100; with 0.044 it is 93.9 to 96.2."""


@dataclass(frozen=True)
class Looks:
    """The numbers of replications at which the sample is looked at, fixed before the first one runs.

    Every look may err by the same part of 5 % (Bonferroni over looks), so stopping early keeps the promise whatever comes.
    """

    sizes: tuple[int, ...]

    @property
    def alpha(self) -> float:
        """What one look may err by."""
        return (1.0 - CONFIDENCE) / len(self.sizes)

    @property
    def interval_alpha(self) -> float:
        """What the 95 % interval of one figure alone is drawn with: a run that may stop early needs it a little wider."""
        return _STOPPED_ALPHA if len(self.sizes) > 1 else 1.0 - CONFIDENCE

    def spans(self) -> list[tuple[int, int]]:
        """First and last-plus-one replication that each look adds."""
        return list(zip((0, *self.sizes[:-1]), self.sizes, strict=True))


def planned_looks(first_stage: int, max_replications: int) -> Looks:
    """Looks at the first stage and at each doubling, the last at the budget: few looks cost little sharpness."""
    sizes = [min(first_stage, max_replications)]
    while sizes[-1] < max_replications:
        sizes.append(min(2 * sizes[-1], max_replications))
    if len(sizes) > 1 and sizes[-1] - sizes[-2] < sizes[0] // 2:
        del sizes[-2]
    return Looks(tuple(sizes))


def decided(lead: list[Estimate], alpha: float, precise: float) -> str | None:
    """Why the leader's differences to its rivals need no more replications, or None.

    `alpha` is what each interval may err by, `precise` the half-width that is sharp enough. A fixed difference (no variance) is
    decided; every rival has to be.
    """
    shown = [each.p_value() <= alpha for each in lead]
    sharp = [each.half_width(alpha) <= precise for each in lead]
    if all(shown):
        return "difference shown" if any(each.se > 0.0 for each in lead) else "no chance in the difference"
    if all(a or b for a, b in zip(shown, sharp, strict=True)):
        return "no chance in the difference" if all(each.se == 0.0 for each in lead) else "precise enough"
    return None
