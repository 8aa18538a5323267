"""Reads and checks content/: the words patients see and hear, and the plans they follow."""
