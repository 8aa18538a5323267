"""Care plans: what falls due for whom, when on their own clock, and what they answered."""
