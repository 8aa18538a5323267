"""`python -m api`: serves the web door on the address of the settings."""

from api.app import make
from api.serve import make_server
from care.kit.logs import set_up_logs
from care.kit.settings import get_settings

if __name__ == "__main__":
    settings = get_settings()
    set_up_logs(settings.log_json)
    make_server(make(settings), settings).run()
