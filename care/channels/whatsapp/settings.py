"""Settings of WhatsApp: all of them, or none."""

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_settings import SettingsConfigDict

from care.channels.base import NotConfigured
from care.channels.whatsapp.templates import Templates
from care.kit.settings import SecretsInFiles

NEEDED = ("token", "phone_id", "number", "app_secret", "verify_token")


class WhatsAppSettings(SecretsInFiles):
    """A secret may come from a file named by ..._FILE."""

    model_config = SettingsConfigDict(env_prefix="KAREZ_WHATSAPP_", extra="ignore")

    token: str = Field("", description="Permanent token of the system user that may send for the hospital's number.")
    phone_id: str = Field("", description="Meta's id of the hospital's number; not the number itself.")
    number: str = Field("", description="The number as patients see it, with its country code: it stands in the QR code.")
    app_secret: str = Field("", description="Secret of the Meta app, which signs what Meta posts to us.")
    verify_token: str = Field("", description="Word we made up and typed into Meta's webhook page.")
    templates: str = Field(
        "{}", description="JSON of the approved templates by kind and language; without one nothing goes out after 24 hours."
    )
    base_url: str = Field("https://graph.facebook.com/v23.0", description="Where messages go: Meta, a relay, or a stand-in.")
    media_url: str = Field("", description="Where media come from instead of Meta's own host, when a relay stands between.")
    proxy: str = Field("", description="Address of an HTTP proxy for this channel alone.")

    def read_templates(self) -> Templates:
        """Raises NotConfigured for what is no such table; the sentence names the first place."""
        try:
            return TypeAdapter(Templates).validate_json(self.templates or "{}")
        except ValidationError as wrong:
            first = wrong.errors(include_input=False)[0]
            place = ".".join(str(each) for each in first["loc"]) or "the whole"
            raise NotConfigured(f"{variable('templates')} cannot be read at {place}: {first['msg']}.") from None


def variable(field: str) -> str:
    return f"{WhatsAppSettings.model_config['env_prefix']}{field}".upper()


def read_settings() -> WhatsAppSettings | None:
    """None while nothing is there.  Raises NotConfigured for a half."""
    settings = WhatsAppSettings()
    missing = [variable(field) for field in NEEDED if not getattr(settings, field)]
    if len(missing) == len(NEEDED):
        return None
    if missing:
        raise NotConfigured(f"WhatsApp is set up by half: {', '.join(missing)} is missing.")
    return settings
