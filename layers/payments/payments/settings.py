"""What the stack tells a function through its environment, typed and read once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of a function; infra/template.yaml sets it."""

    users_table: str
    payments_table: str
    products_table: str
    stripe_secret_id: str
    stripe_api_base: str | None
    user_pool_client_id: str
    allowed_origin: str
    max_body_bytes: int
    default_currency: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings.

        Raises:
            KeyError: a variable is missing; the message names it.
        """
        return cls(
            users_table=environment["USERS_TABLE"],
            payments_table=environment["PAYMENTS_TABLE"],
            products_table=environment["PRODUCTS_TABLE"],
            stripe_secret_id=environment["STRIPE_SECRET_ID"],
            stripe_api_base=environment.get("STRIPE_API_BASE") or None,
            user_pool_client_id=environment["USER_POOL_CLIENT_ID"],
            allowed_origin=environment["ALLOWED_ORIGIN"],
            max_body_bytes=int(environment.get("MAX_BODY_BYTES", "16384")),
            default_currency=environment.get("DEFAULT_CURRENCY", "eur"),
        )


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings.from_environment(os.environ)
