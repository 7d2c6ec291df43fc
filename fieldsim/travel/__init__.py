"""Points to seconds: road graphs, travel engines and the matrices every other room works on."""

from fieldsim.travel.build import Streets, class_of, network
from fieldsim.travel.clock import travel_s
from fieldsim.travel.engines import ENGINES, Engine, Ground
from fieldsim.travel.field import FieldTravel
from fieldsim.travel.graph import ROAD_CLASSES, RoadGraph, largest_part
from fieldsim.travel.importing import fetch_roads, from_osmnx, import_roads, open_roads
from fieldsim.travel.opening import open_travel
from fieldsim.travel.profile import Profile, read_profile
from fieldsim.travel.roadfile import read_roads, write_roads

__all__ = [
    "ENGINES",
    "ROAD_CLASSES",
    "Engine",
    "FieldTravel",
    "Ground",
    "Profile",
    "RoadGraph",
    "Streets",
    "class_of",
    "fetch_roads",
    "from_osmnx",
    "import_roads",
    "largest_part",
    "network",
    "open_roads",
    "open_travel",
    "read_profile",
    "read_roads",
    "travel_s",
    "write_roads",
]
