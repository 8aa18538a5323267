"""What a hospital must say before Telegram works: the bot, its token, and the secret of its webhook."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from care.kit.settings import SecretsInFiles


class TelegramSettings(SecretsInFiles):
    """Without token, bot and secret there is no Telegram; with only some of them Karez does not start."""

    model_config = SettingsConfigDict(env_prefix="KAREZ_TELEGRAM_", extra="ignore")

    token: SecretStr = Field(SecretStr(""), description="Telegram: the token BotFather gave for the bot.")
    bot: str = Field("", description="Telegram: the bot's name without @, for the QR code on a patient's card.")
    secret: SecretStr = Field(
        SecretStr(""), description="Telegram: 16 to 256 of A-Z a-z 0-9 _ -, made up by you; proves that a webhook is Telegram's."
    )
    base_url: str = Field(
        "https://api.telegram.org/bot", description="Telegram: where calls go, up to the token; a relay where it is blocked."
    )
    base_file_url: str = Field(
        "https://api.telegram.org/file/bot", description="Telegram: where patients' recordings are fetched, up to the token."
    )
    proxy: str = Field("", description="Telegram: http:// address of a proxy for its calls.")
    timeout_s: float = Field(
        5.0, gt=0, le=5, description="Telegram: seconds one call may take before nobody knows what came of it."
    )
