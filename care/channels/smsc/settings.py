"""What a hospital sets to send through SMSC.kz: prefix KAREZ_SMSC_."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from care.channels.base import NotConfigured
from care.kit.settings import SecretsInFiles

NEEDED = {
    "apikey": "the key of the account, from the API page of its cabinet",
    "secret": "a long random word, which also stands in the address SMSC.kz reports to, as ?secret=",
}


class SmscSettings(SecretsInFiles):
    """The account, the way to it, and what is worth a call."""

    model_config = SettingsConfigDict(env_prefix="KAREZ_SMSC_", extra="ignore")

    apikey: SecretStr = Field(
        SecretStr(""), description="SMSC.kz: key of the account; with it text messages can be sent in Kazakhstan."
    )
    secret: SecretStr = Field(
        SecretStr(""), description="SMSC.kz: word in the address it reports to (?secret=...); a report without it is refused."
    )
    signing_word: SecretStr = Field(
        SecretStr(""), description="SMSC.kz: word set in its cabinet to sign reports; then unsigned ones are refused."
    )
    sender: str = Field("", description="SMSC.kz: registered name a text message comes from; empty: the account's own.")
    calls: str = Field("", description="SMSC.kz: kinds of message whose recording is worth a call: `medicine appointment`.")
    calls_a_day: int = Field(
        3, ge=1, le=20, description="SMSC.kz: calls one patient gets within 24 hours at most, tries included."
    )
    base_url: str = Field("https://smsc.kz", description="SMSC.kz: its address, or that of a relay to it.")
    reserve_url: str = Field(
        "https://www2.smsc.kz", description="SMSC.kz: asked when the first address cannot be reached at all."
    )
    proxy: str = Field("", description="SMSC.kz: http:// address of a proxy for its calls.")

    @property
    def is_empty(self) -> bool:
        return not any(map(str, (self.apikey, self.secret, self.signing_word, self.sender, self.calls)))

    def complete(self) -> "SmscSettings":
        """Itself.  Raises NotConfigured for the first thing that is missing."""
        for name, what in NEEDED.items():
            if not str(getattr(self, name)):
                raise NotConfigured(f"SMSC.kz is set up by half: {self.model_config['env_prefix']}{name.upper()} gives {what}.")
        return self
