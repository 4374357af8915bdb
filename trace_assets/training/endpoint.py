"""Where the teachers are, and what they may cost: from the environment, as it holds a secret.

TRACE_ASSETS_TEACHER_URL            an OpenAI-compatible endpoint, e.g. http://127.0.0.1:8000/v1
TRACE_ASSETS_TEACHER_KEY            its key; none where the endpoint wants none
TRACE_ASSETS_TEACHER_MAX_TOKENS     the ceiling of one step, in tokens of questions and answers
TRACE_ASSETS_TEACHER_MAX_USD        the same in dollars; needs the price of every model
TRACE_ASSETS_TEACHER_PRICES         {"model": [dollars per million in, dollars per million out]}
TRACE_ASSETS_TEACHER_ANSWER_TOKENS  how long an answer may be (4096)
TRACE_ASSETS_TEACHER_CONCURRENCY    how many requests at a time (4)
TRACE_ASSETS_TEACHER_TIMEOUT_S      how long to wait for one answer (120)
TRACE_ASSETS_TEACHER_TRIES          how often to ask before giving up (6)
"""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from trace_assets.errors import ConfigError

PREFIX = "TRACE_ASSETS_TEACHER_"

_Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Endpoint(BaseModel, frozen=True):
    """An endpoint with its limits. Its text never shows the key."""

    model_config = ConfigDict(
        extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    url: str
    key: SecretStr = SecretStr("")
    max_tokens: int | None = Field(default=None, ge=0)
    max_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    prices: dict[str, tuple[_Price, _Price]] = {}
    """Dollars for a million tokens of a question and of an answer, by model."""

    answer_tokens: int = Field(default=4096, ge=1)
    concurrency: int = Field(default=4, ge=1, le=256)
    timeout_s: float = Field(default=120, gt=0, allow_inf_nan=False)
    tries: int = Field(default=6, ge=1, le=100)

    @field_validator("url")
    @classmethod
    def _url_is_http(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("expected http://host... or https://host...")
        if parts.username or parts.password:
            # An address is printed in errors; a password in it would be, too.
            raise ValueError(f"expected no user or password in it; the key goes in {PREFIX}KEY")
        return url

    def check_prices(self, models: set[str]) -> None:
        """See that a ceiling in dollars can be held.

        Raises:
            ConfigError: there is one, and a model without a price.
        """
        unpriced = sorted(models - set(self.prices)) if self.max_usd is not None else []
        if unpriced:
            raise ConfigError(
                f"{PREFIX}MAX_USD: no price of {', '.join(unpriced)}; expected in {PREFIX}PRICES: "
                f"each of {', '.join(sorted(models))}"
            )

    def usd(self, model: str, input_tokens: int, output_tokens: int) -> float | None:
        """What tokens cost, or None where the model has no price."""
        if model not in self.prices:
            return None
        price_in, price_out = self.prices[model]
        return (input_tokens * price_in + output_tokens * price_out) / 1_000_000


def endpoint_from(environment: Mapping[str, str]) -> Endpoint | None:
    """The endpoint that the environment names; None without TRACE_ASSETS_TEACHER_URL.

    Raises:
        ConfigError: a wrong name or value, one line each. No value is shown: one is a secret.
    """
    given = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in sorted(environment.items())
        if name.startswith(PREFIX) and value
    }
    given.pop("cache", None)  # the shell's own: where the answers are kept
    if "url" not in given:
        return None
    try:
        # Not from JSON but for the prices, the one value that is.
        prices = given.pop("prices", "{}")
        checked = _Prices.model_validate_json(f'{{"prices": {prices}}}')
        return Endpoint.model_validate({**given, "prices": checked.prices})
    except ValidationError as error:
        raise ConfigError(
            "\n".join(_line(problem["loc"], problem) for problem in error.errors())
        ) from None  # the cause would print what was found


class _Prices(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    prices: dict[str, tuple[_Price, _Price]]


def _line(where: tuple[int | str, ...], problem: Mapping[str, object]) -> str:
    name, *rest = [str(step) for step in where] or ["prices"]
    place = "".join(f".{step}" for step in rest)
    if problem["type"] == "extra_forbidden":
        known = ", ".join(f"{PREFIX}{field.upper()}" for field in Endpoint.model_fields)
        return f"{PREFIX}{name.upper()}: unknown; known: {known}"
    return f"{PREFIX}{name.upper()}{place}: {problem['msg']}"
