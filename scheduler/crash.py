"""Kill points of the failure tests: this process dies here as power loss would make it die."""

import os

STEPS = ("after_claim", "after_intent", "after_send", "before_mark", "after_mark")


def crash_at(step: str) -> None:
    """End this process at once when KAREZ_CRASH_AT names this step."""
    if os.environ.get("KAREZ_CRASH_AT") == step:  # house: setting - tests set it for their own processes
        os._exit(137)
