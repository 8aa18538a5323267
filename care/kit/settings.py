"""Every setting of Karez: one class, one line of reason each.  Read from the environment, prefix KAREZ_."""

import os
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

Stale = Literal["hold", "send"]
ROOT = Path(__file__).resolve().parents[2]


class FromFiles(PydanticBaseSettingsSource):
    """KAREZ_DATABASE_FILE names a file that holds KAREZ_DATABASE: a password stays out of the environment.

    So for every class of settings, under the prefix of its own.
    """

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        named = os.environ.get(f"{self.settings_cls.model_config['env_prefix']}{field_name}_FILE".upper())
        return Path(named).read_text(encoding="utf-8").strip() if named else None, field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class SecretsInFiles(BaseSettings):
    """Settings of which each may come from a file that NAME_FILE names."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: Any,
        env_settings: Any,
        dotenv_settings: Any,
        file_secret_settings: Any,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, FromFiles(settings_cls)


class Settings(SecretsInFiles):
    """All settings with safe defaults; a secret may come from a file named by NAME_FILE."""

    model_config = SettingsConfigDict(env_prefix="KAREZ_", extra="ignore")

    home: Path = Field(ROOT / "var", description="Folder of everything Karez writes: database, keys, audio, logs.")
    database: str = Field("", description="SQLAlchemy address of the database; empty means SQLite in the home folder.")
    content: Path = Field(ROOT / "content", description="Folder of the patient words, one folder a language.")
    bot: Path = Field(ROOT / "bot", description="Folder of the assistant's own project and environment.")
    region: Literal["CN", "KZ"] = Field(
        "CN", description="The hospital's country: decides emergency numbers and where data may go."
    )
    abroad_reason: str = Field(
        "", description="Why messages may leave the country through an app whose servers stand abroad; empty: they may not."
    )
    demo: bool = Field(False, description="Show unreviewed content, each message saying so; never for real patients.")
    stale: Stale = Field(
        "hold", description="Signed words whose source moved on or whose review ran out: `hold` them, or `send` them still."
    )
    host: str = Field("127.0.0.1", description="Address the web door listens on.")
    port: int = Field(8080, description="Port of the web door.")
    public_url: str = Field("", description="Address patients and staff type, when a proxy stands before the web door.")
    bot_port: int = Field(5055, description="Loopback port of the assistant.")
    bot_timeout_s: float = Field(2.0, description="Seconds the assistant may take before rules and menu answer instead.")
    tick_s: float = Field(1.0, description="Seconds between two looks at what is due.")
    engine: str = Field("memory", description="What carries batches to workers: `memory` (one process) or a nats:// address.")
    senders: int = Field(1, ge=1, description="Processes that send: each takes its share of what a channel's vendor allows.")
    voices: str = Field(
        "",
        description="Voices a language, best first, such as `zh=gtts,espeak ug=piper,espeak`; a language not named gets espeak.",
    )
    sound_ahead: bool = Field(
        True, description="Make the sound of all words after a start, minutes of one core; off: of each when it is first wanted."
    )
    piper: str = Field("piper", description="Piper's program, a path or a name; it is not installed with Karez.")
    piper_voices: Path = Field(ROOT / "var" / "voices", description="Folder of Piper's voice files (kk_KZ-issai-high.onnx).")
    listen_days: float = Field(7, gt=0, le=90, description="Days the link to a listening page works.")
    clock_file: Path | None = Field(None, description="Rehearsals only: a file with seconds to add to the real time.")
    vendors_port: int = Field(8070, description="Rehearsals only: port of the page of `make up VENDORS=1`.")
    log_json: bool = Field(False, description="One JSON object a line instead of the readable form.")
    secure_cookies: bool = Field(False, description="Set behind HTTPS: cookies get Secure and the __Host- prefix.")

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite+aiosqlite:///{self.home / 'karez.db'}"

    @property
    def bot_url(self) -> str:
        return f"http://127.0.0.1:{self.bot_port}"

    @property
    def listen_life(self) -> timedelta:
        return timedelta(days=self.listen_days)

    @property
    def address(self) -> str:
        return self.public_url or f"http://{self.host}:{self.port}"


@lru_cache
def get_settings() -> Settings:
    return Settings()
