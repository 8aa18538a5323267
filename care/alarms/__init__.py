"""Red flags: found by fixed rules before and without the assistant, answered for by a person."""
