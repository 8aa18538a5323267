"""Whole conversations as files anyone can read, played against the real system."""
