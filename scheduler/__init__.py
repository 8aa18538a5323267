"""APScheduler says when, rows say what, Taskiq carries it: the delivery of what falls due."""
