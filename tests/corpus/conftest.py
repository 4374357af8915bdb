"""A deployment, for tests that take real logs through the assets."""

from tests.defs.conftest import deployed, fresh_instance

__all__ = ["deployed", "fresh_instance"]
