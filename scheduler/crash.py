"""Kill points of the failure tests: this process dies here as power loss would make it die."""

import os

STEPS = ("after_claim", "after_intent", "after_send", "before_mark", "after_mark")

AT = os.environ.get("KAREZ_CRASH_AT")  # house: setting - tests set it for their own processes


def crash_at(step: str) -> None:
    """End this process at once when KAREZ_CRASH_AT names this step."""
    if step == AT:
        os._exit(137)
