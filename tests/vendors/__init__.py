"""Strict stand-ins on the loopback for the vendors beyond this machine: their limits, errors and a turned clock."""
