"""Strict stand-ins on the loopback for the vendors beyond this machine: their limits, their errors, their clock turned by hand."""
