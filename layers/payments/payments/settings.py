"""A function's settings: typed, and read once from its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from payments.domain.limits import Limits


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of a function; infra/template.yaml sets it."""

    service: str
    stack: str
    customers_table: str
    payments_table: str
    products_table: str
    refunds_table: str
    orders_table: str
    bookmarks_table: str
    imports_table: str | None
    limits_table: str
    event_bus: str
    unpublished_queue_url: str
    stripe_mode: str
    stripe_key_secret_id: str
    stripe_webhook_secret_id: str | None
    stripe_api_base: str | None
    stripe_requests_per_second: int
    user_pool_id: str
    user_pool_client_id: str
    scope_prefix: str
    unconfirmed_after_days: int
    tells_existing_address: bool
    erase_after_days: int
    allowed_origin: str
    origin_secret: str
    shop_url: str
    max_body_bytes: int
    default_currency: str
    emails_receipts: bool
    limits: Limits
    reconcile_after_minutes: int
    abandon_after_hours: int
    rows_may_be_lost: bool

    @property
    def livemode(self) -> bool:
        """Whether this stack moves real money."""
        return self.stripe_mode == "live"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings.

        Raises:
            KeyError: a variable is missing; the message names it.
        """
        return cls(
            service=environment.get("POWERTOOLS_SERVICE_NAME", "payments"),
            stack=environment.get("STACK_NAME", ""),
            customers_table=environment["CUSTOMERS_TABLE"],
            payments_table=environment["PAYMENTS_TABLE"],
            products_table=environment["PRODUCTS_TABLE"],
            refunds_table=environment["REFUNDS_TABLE"],
            orders_table=environment["ORDERS_TABLE"],
            bookmarks_table=environment["BOOKMARKS_TABLE"],
            # Empty where people do not prove that an address is theirs.
            imports_table=environment.get("IMPORTS_TABLE") or None,
            limits_table=environment["LIMITS_TABLE"],
            event_bus=environment["EVENT_BUS"],
            unpublished_queue_url=environment["UNPUBLISHED_QUEUE_URL"],
            stripe_mode=environment.get("STRIPE_MODE", "test"),
            stripe_key_secret_id=environment["STRIPE_KEY_SECRET_ID"],
            stripe_webhook_secret_id=environment.get("STRIPE_WEBHOOK_SECRET_ID") or None,
            stripe_api_base=environment.get("STRIPE_API_BASE") or None,
            stripe_requests_per_second=int(environment.get("STRIPE_REQUESTS_PER_SECOND", "25")),
            user_pool_id=environment.get("USER_POOL_ID", ""),
            user_pool_client_id=environment.get("USER_POOL_CLIENT_ID", ""),
            scope_prefix=environment.get("SCOPE_PREFIX", ""),
            tells_existing_address=environment.get("EXISTING_ADDRESS", "tell") == "tell",
            unconfirmed_after_days=int(environment.get("UNCONFIRMED_AFTER_DAYS", "7")),
            erase_after_days=int(environment.get("ERASE_AFTER_DAYS", "14")),
            allowed_origin=environment["ALLOWED_ORIGIN"],
            # Empty where no distribution of this stack is in front of the API.
            origin_secret=environment.get("ORIGIN_SECRET", ""),
            shop_url=environment.get("SHOP_URL", ""),
            max_body_bytes=int(environment.get("MAX_BODY_BYTES", "16384")),
            default_currency=environment.get("DEFAULT_CURRENCY", "eur"),
            emails_receipts=environment.get("RECEIPT_EMAILS", "off") == "on",
            limits=Limits.parse(environment.get("LIMITS", "")),
            reconcile_after_minutes=int(environment.get("RECONCILE_AFTER_MINUTES", "5")),
            abandon_after_hours=int(environment.get("ABANDON_AFTER_HOURS", "24")),
            rows_may_be_lost=environment.get("ROWS_MAY_BE_LOST") == "yes",
        )


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings.from_environment(os.environ)
