"""The settings of the WeChat service account, prefix KAREZ_WECHAT_."""

from pydantic import Field, Json, SecretStr
from pydantic_settings import SettingsConfigDict

from care.channels.wechat.forms import Form
from care.kit.settings import SecretsInFiles

NEEDED = ("app_id", "secret", "token", "aes_key")


class WeChatSettings(SecretsInFiles):
    """What the console at mp.weixin.qq.com shows of the account; a secret may come from a file named by NAME_FILE."""

    model_config = SettingsConfigDict(env_prefix="KAREZ_WECHAT_", extra="ignore")

    app_id: str = Field("", description="WeChat: the service account's AppID; empty while WeChat is not used.")
    secret: SecretStr = Field(
        SecretStr(""), description="WeChat: the account's AppSecret, with which Karez asks for its access token."
    )
    token: SecretStr = Field(
        SecretStr(""), description="WeChat: the token of the console's server configuration, which signs what WeChat posts."
    )
    aes_key: SecretStr = Field(
        SecretStr(""), description="WeChat: the 43 characters of the console's EncodingAESKey; the mode there must be safe mode."
    )
    base: str = Field(
        "https://api.weixin.qq.com",
        description="WeChat: address of WeChat's interface, or of a relay whose address is whitelisted.",
    )
    proxy: str = Field(
        "", description="WeChat: proxy on the way to WeChat, when only its address is whitelisted; empty for none."
    )
    forms: Json[dict[str, Form]] = Field(
        default={},
        validate_default=False,  # it is no JSON itself
        description=(
            "WeChat: the forms that may be sent outside the window, as JSON by kind of message (`*` for every other kind):"
            ' `{"medicine": {"template": "<id>", "by": "notice", "fields": {"thing1": "title", "time2": "hour"}}}`.'
            " `by` is `notice` (subscription notice) or `template` (template message); a field is filled by `title`, `text`,"
            " `hour`, `day` or `clock` as the message says them (one that says none goes by the form of `*`), or fixed words"
            " after `=`."
        ),
    )


def variable(name: str) -> str:
    """The environment's name of a setting."""
    return f"{WeChatSettings.model_config['env_prefix']}{name}".upper()
