"""The fixture `room` of these tests."""

from tests.integration.reporting.reporting_room import room

__all__ = ["room"]
