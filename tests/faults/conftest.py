"""A NATS server of our own for each test that names it."""

from tests.delivery.test_nats import nats

__all__ = ["nats"]
