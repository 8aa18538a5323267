"""What must be settled before Rasa is imported: no telemetry, no graphics card, one thread, quiet, modules from a cache."""

import os
import sys
import warnings
from pathlib import Path

BOT = Path(__file__).resolve().parent
SETTLED = {
    "RASA_TELEMETRY_ENABLED": "false",
    "RASA_MAX_CACHE_SIZE": "0",  # a training is skipped by its content hash outside; Rasa's own cache only grows
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "OMP_NUM_THREADS": "1",
    "SANIC_WORKERS": "1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}


def settle() -> None:
    """Call first, before any import of Rasa."""
    os.environ.update(SETTLED)
    os.chdir(BOT)
    sys.path.insert(0, str(BOT))
    # Rasa imports TensorFlow whether it is used or not: compiling those modules anew takes half of the start.
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(BOT / ".rasa" / "bytecode")
    # TensorFlow asks for jax for a converter we never call, and does without when it is missing: a second less.
    sys.modules["jax"] = None  # type: ignore[assignment]
    # The pinned libraries are full of deprecations that nobody can mend here; they reset warning filters themselves.
    warnings.showwarning = lambda *_, **__: None


def read_secret() -> str:
    """What whoever may ask the assistant proves it by."""
    secret = os.environ.get("KAREZ_BOT_SECRET", "")
    if len(secret) < 32:
        raise SystemExit("KAREZ_BOT_SECRET must hold at least 32 characters; `karez up` sets it.")
    return secret
