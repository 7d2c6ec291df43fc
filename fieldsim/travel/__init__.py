"""Points to seconds: road graphs, travel engines and the matrices every other room works on."""

from fieldsim.travel.build import Streets, class_of, network
from fieldsim.travel.engines import ENGINES, Engine, Ground
from fieldsim.travel.field import FieldTravel, open_travel
from fieldsim.travel.graph import ROAD_CLASSES, RoadGraph, largest_part
from fieldsim.travel.roadfile import read_roads, write_roads

__all__ = [
    "ENGINES",
    "ROAD_CLASSES",
    "Engine",
    "FieldTravel",
    "Ground",
    "RoadGraph",
    "Streets",
    "class_of",
    "largest_part",
    "network",
    "open_travel",
    "read_roads",
    "write_roads",
]
