"""The rep's service: today's route on a phone, its changes, the same for programs, and the ops page."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fieldsim.service.app import create_app
    from fieldsim.service.settings import Settings

__all__ = ["Settings", "create_app"]


def __getattr__(name: str) -> object:
    """Load the web packages only when the service is used."""
    if name == "create_app":
        from fieldsim.service.app import create_app

        return create_app
    if name == "Settings":
        from fieldsim.service.settings import Settings

        return Settings
    raise AttributeError(name)
