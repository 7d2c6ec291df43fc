"""Questions over many replications: which design is better, by how much, and how sure."""

from fieldsim.experiment.choose import Choice, choose_design
from fieldsim.experiment.cluster import Dask, cluster_at
from fieldsim.experiment.compare import compare_designs
from fieldsim.experiment.comparison import Best, Comparison, DesignFigures, Difference
from fieldsim.experiment.executors import Executor, Local, Processes, Serial, Task, executor_for
from fieldsim.experiment.log import log_frames, write_log
from fieldsim.experiment.replay import replay
from fieldsim.experiment.samples import Figure
from fieldsim.experiment.stress import replay_policies, stress_turnover
from fieldsim.experiment.stressed import Stress

__all__ = [
    "Best",
    "Choice",
    "Comparison",
    "Dask",
    "DesignFigures",
    "Difference",
    "Executor",
    "Figure",
    "Local",
    "Processes",
    "Serial",
    "Stress",
    "Task",
    "choose_design",
    "cluster_at",
    "compare_designs",
    "executor_for",
    "log_frames",
    "replay",
    "replay_policies",
    "stress_turnover",
    "write_log",
]
