"""Starts the assistant on the loopback interface: the newest model, our connector, nothing else."""

import os
import sys
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ["SANIC_WORKERS"] = "1"
os.environ["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"
sys.path.insert(0, str(Path(__file__).parent))


def main() -> None:
    models = sorted(Path("models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise SystemExit("bot/models is empty: run `make train`.")
    import logging
    import warnings

    warnings.simplefilter("ignore")
    logging.basicConfig(level=logging.WARNING)
    import rasa.core.run
    from rasa.core.utils import AvailableEndpoints

    rasa.core.run.serve_application(
        model_path=str(models[-1]),
        interface="127.0.0.1",
        port=int(os.environ["KAREZ_BOT_PORT"]),
        credentials="credentials.yml",
        endpoints=AvailableEndpoints.read_endpoints("endpoints.yml"),
        enable_api=False,
        jwt_secret=None,
        use_syslog=False,
    )


if __name__ == "__main__":
    main()
