"""Create setup intent: start saving a card, with what the person agrees to."""

from typing import TYPE_CHECKING

from payments.domain.clock import now
from payments.domain.consent import WORDING, Consent
from payments.domain.customer import User, check_signed_in
from payments.domain.errors import CustomerMissingError
from payments.use_cases.ensure_customer import ensure_customer

if TYPE_CHECKING:
    from payments.domain.setup_intent import SetupIntent
    from payments.guard import Guard
    from payments.repositories.customers import CustomersRepository
    from payments.repositories.imports import ImportsRepository
    from payments.stripe_gateway.gateway import StripeGateway


def create_setup_intent(
    usage: str,
    *,
    consent_text: str | None,
    user: User,
    stripe: "StripeGateway",
    customers: "CustomersRepository",
    guard: "Guard",
    imports: "ImportsRepository | None" = None,
) -> "SetupIntent":
    """Create a SetupIntent for the browser to confirm, which attaches the card.

    `usage` says whether we may charge the card in the person's absence. `consent_text` is what
    they read and agreed to, if it was not our own wording.

    Raises:
        PaymentRefusedError: Stripe refuses it, or the person's customer, for good.
        SignedOutError: the person logged out everywhere after they had logged in.
        TooManyAttemptsError: they have tried too often.
    """
    consent = Consent(usage=usage, text=consent_text or WORDING[usage], at=now())
    customer = ensure_customer(user, stripe=stripe, customers=customers, imports=imports)
    check_signed_in(user, customer)
    attempt = guard.admit_card(user.user_id)
    try:
        return stripe.create_setup_intent(
            customer.stripe_customer_id, user_id=user.user_id, consent=consent, attempt=attempt
        )
    except CustomerMissingError:
        customer = ensure_customer(
            user, stripe=stripe, customers=customers, imports=imports, missing=customer
        )
        return stripe.create_setup_intent(
            customer.stripe_customer_id, user_id=user.user_id, consent=consent, attempt=attempt
        )
