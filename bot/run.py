"""Starts the assistant on the loopback interface: the newest model, our connector, nothing else."""

import logging
import os
from pathlib import Path

from surroundings import BOT, read_secret, settle


def main() -> None:
    settle()
    model = os.environ.get("KAREZ_BOT_MODEL") or newest_model(BOT / "models")  # a candidate is measured before it is taken
    port = loopback_port(os.environ.get("KAREZ_BOT_PORT", ""))
    read_secret()  # Rasa would ask for it after all its imports
    import rasa.core.run
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)  # below it Rasa logs what the patient wrote
    rasa.core.run.serve_application(
        model_path=str(model),
        interface="127.0.0.1",
        port=port,
        credentials="credentials.yml",
        endpoints=AvailableEndpoints.read_endpoints("endpoints.yml"),
        enable_api=False,
        jwt_secret=None,
        use_syslog=False,
    )


def newest_model(folder: Path) -> Path:
    """The model to serve."""
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise SystemExit("bot/models is empty: run `make train`.")
    return models[-1]


def loopback_port(asked: str) -> int:
    """The port to listen on."""
    if not asked.isdecimal() or not 0 < int(asked) < 65536:
        raise SystemExit("KAREZ_BOT_PORT must be a port number, for example 5055; it is `%s`." % asked)
    return int(asked)


if __name__ == "__main__":
    main()
