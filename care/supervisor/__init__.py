"""Starts Karez on one machine and keeps its three processes together: the web door, the scheduler, the assistant."""
