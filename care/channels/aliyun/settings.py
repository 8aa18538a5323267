"""What a hospital sets to send through Aliyun: prefix KAREZ_ALIYUN_."""

import json
from typing import Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from care.channels.aliyun.templates import Template
from care.channels.base import NotConfigured
from care.kit.settings import SecretsInFiles

NEEDED = {
    "access_key_id": "the name of the key of a RAM user who may send",
    "access_key_secret": "the secret of that key",
    "secret": "a long random word, which also stands in the addresses Aliyun reports to, as ?secret=",
}


class AliyunSettings(SecretsInFiles):
    """The account, the way to it, what was approved there, and what is worth a call."""

    model_config = SettingsConfigDict(env_prefix="KAREZ_ALIYUN_", extra="ignore")

    access_key_id: str = Field("", description="Aliyun: key of a RAM user who may send text messages and place calls.")
    access_key_secret: SecretStr = Field(SecretStr(""), description="Aliyun: secret of that key; it signs every request.")
    secret: SecretStr = Field(
        SecretStr(""), description="Aliyun: word in the addresses it reports to (?secret=...); a report without it is refused."
    )
    sign_name: str = Field("", description="Aliyun: approved signature every text message begins with.")
    templates: dict[str, Template] = Field(
        {}, description='Aliyun: approved texts: {"medicine": {"code": "SMS_1", "parameters": {"what": "title"}}}.'
    )
    calls: str = Field("", description="Aliyun: kinds of message worth a call, such as `medicine appointment`.")
    voices: dict[str, str] = Field(
        {}, description='Aliyun: reviewed recordings: {"medicine/ug-Arab": "1.wav", "thanks/ug-Arab": "2.wav"}.'
    )
    show_number: str = Field("", description="Aliyun: bought number a call comes from; a patient can press a key only with one.")
    calls_a_day: int = Field(
        3, ge=1, le=20, description="Aliyun: calls one patient gets within 24 hours at most, tries included."
    )
    sms_url: str = Field("https://dysmsapi.aliyuncs.com", description="Aliyun: address of its text messages.")
    voice_url: str = Field("https://dyvmsapi.aliyuncs.com", description="Aliyun: address of its calls.")
    proxy: str = Field("", description="Aliyun: http:// address of a proxy for its calls.")

    @field_validator("templates", "voices", mode="before")
    @classmethod
    def read_json(cls, told: Any) -> Any:
        """What comes from a file is still a text."""
        return json.loads(told) if isinstance(told, str) else told

    @property
    def is_empty(self) -> bool:
        given = (self.access_key_id, self.access_key_secret, self.secret, self.sign_name, self.calls, self.show_number)
        return not any((*map(str, given), self.templates, self.voices))

    def complete(self) -> "AliyunSettings":
        """Itself.  Raises NotConfigured for the first thing that is missing."""
        missing = {name: what for name, what in NEEDED.items() if not str(getattr(self, name))}
        if self.templates and not self.sign_name:
            missing["sign_name"] = "the approved signature that goes with the templates"
        if not self.templates and not self.calls:
            missing["templates"] = "the approved texts by kind of message, without which there is nothing to send"
        if self.calls and not self.voices:
            missing["voices"] = "the reviewed recordings, without which there is nothing to play"
        for name, what in missing.items():
            raise NotConfigured(f"Aliyun is set up by half: {self.model_config['env_prefix']}{name.upper()} gives {what}.")
        return self
