"""Stripe in memory: it keeps StripeGateway's promises, and plays the cardholder's bank.

It knows customers, cards, payment intents, one-time CVC tokens and idempotency keys. Like the
gateway, it returns values, never its own state.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from payments.domain.card import PaymentMethod
from payments.domain.clock import now
from payments.domain.consent import Consent
from payments.domain.customer import UnfinishedCustomer, User
from payments.domain.customer_import import StripeCustomer
from payments.domain.errors import (
    AmountTooLargeError,
    CursorUnknownError,
    CustomerMissingError,
    CvcRequiredError,
    FailureRememberedError,
    IdempotencyKeyReusedError,
    InvalidSignatureError,
    PaymentIntentMissingError,
    PaymentMethodNotFoundError,
    PaymentNotRefundableError,
    PaymentRefusedError,
    SetupIntentNotFoundError,
    ValidationError,
)
from payments.domain.order import Order
from payments.domain.page import Page
from payments.domain.payment import Payment
from payments.domain.payment_intent import (
    FINAL_STATUSES,
    Dispute,
    LastPaymentError,
    PaymentIntent,
    Refund,
    refunded,
)
from payments.domain.refund import RequestedRefund
from payments.domain.setup_intent import SetupIntent
from payments.domain.stripe_event import StripeEvent
from payments.stripe_gateway.gateway import StripeGateway
from payments.stripe_gateway.objects import weightiest_status

EVENTS_PAGE = 2
MOST_TYPES = 20  # https://docs.stripe.com/api/events/list
BILLING_DETAILS: dict[str, object] = {
    "name": "Ada Lovelace",
    "email": None,
    "phone": None,
    "address": dict.fromkeys(["line1", "line2", "city", "state", "postal_code", "country"]),
}
CHALLENGE: dict[str, object] = {"type": "use_stripe_sdk"}
AUTHENTICATION_FAILED = LastPaymentError(
    code="payment_intent_authentication_failure",
    decline_code=None,
    message="The cardholder did not authenticate.",
)


def declined(decline_code: str = "generic_decline") -> LastPaymentError:
    """The error that a bank's refusal leaves on the payment intent."""
    return LastPaymentError(
        code="card_declined", decline_code=decline_code, message="Your card was declined."
    )


@dataclass
class FakeCard:
    """A payment method; `outcomes` are its confirmations in order, the last one repeats.

    Each outcome is `succeed`, `challenge` (3-D Secure, then success) or a refusal.
    """

    payment_method_id: str
    stripe_customer_id: str | None
    outcomes: list[str | LastPaymentError]
    attach_error: Exception | None = None
    fingerprint: str | None = None
    consent: Consent | None = None
    created_at: str = "2026-01-01T00:00:00.000Z"
    replaced: bool = False
    detached: bool = False
    details: dict[str, object] = field(default_factory=dict)

    def next_outcome(self) -> str | LastPaymentError:
        """The bank's answer to one confirmation."""
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]


@dataclass
class FakeCustomer:
    """A Customer in one mode."""

    stripe_customer_id: str
    user: User
    livemode: bool
    default: str | None = None


@dataclass
class FakeIntent:
    """A PaymentIntent, as Stripe stores it."""

    payment: Payment
    intent: PaymentIntent
    authenticated: bool = False
    confirmations: dict[str, Exception | None] = field(default_factory=dict)


def _importable(customer: FakeCustomer) -> StripeCustomer:
    user = customer.user
    return StripeCustomer(
        customer.stripe_customer_id,
        livemode=customer.livemode,
        email=user.email,
        name=user.name,
        user_id=user.user_id or None,
    )


@dataclass(frozen=True)
class Call:
    """One call that reached Stripe."""

    name: str
    arguments: dict[str, object]


class FakeStripe(StripeGateway):
    """A StripeGateway whose Stripe is this object."""

    livemode: bool = False
    stack: str = "till-test"

    def __init__(self) -> None:
        self.account: str | None = "acct_till"
        self.account_error: Exception | None = None
        self.calls: list[Call] = []
        self.customers: dict[str, FakeCustomer] = {}
        self.deleted_customers: set[str] = set()
        self.cards: dict[str, FakeCard] = {}
        self.intents: dict[str, FakeIntent] = {}
        self.setup_intents: dict[str, SetupIntent] = {}
        self.events: list[StripeEvent] = []
        self.search_lags = False
        self.charges_hide_inquiries = False
        self.subscribed: set[str] = set()
        self.invoiced: set[str] = set()
        self.refused_emails: set[str] = set()
        self._customers_by_key: dict[str, FakeCustomer] = {}
        self._customer_failures: list[bool] = []
        self._failed_keys: dict[str, User] = {}
        self._intents_by_key: dict[str, FakeIntent] = {}
        self._parameters_by_key: dict[str, tuple[object, ...]] = {}
        self._intent_failures: list[bool] = []
        self._cvc_tokens: set[str] = set()
        self.forbids_refunds = False  # there is a dispute
        self.refund_status = "succeeded"
        self._refund_answers: dict[str, Exception | None] = {}
        self._refund_failures: list[bool] = []
        self._failures: dict[tuple[str, str], list[Exception]] = {}
        self._meanwhile: dict[str, list[Callable[[], object]]] = {}

    # What a test sets up, and what it looks at.

    def has_customer(self, user: User, stripe_customer_id: str = "cus_ada") -> str:
        """An old Customer, whose idempotency key is forgotten."""
        self.customers[stripe_customer_id] = FakeCustomer(stripe_customer_id, user, self.livemode)
        return stripe_customer_id

    def has_card(
        self,
        payment_method_id: str = "pm_card",
        *outcomes: str | LastPaymentError,
        of: str | None = "cus_ada",
        attach_error: Exception | None = None,
        fingerprint: str | None = None,
        consent: Consent | None = None,
        created_at: str = "2026-01-01T00:00:00.000Z",
        replaced: bool = False,
    ) -> str:
        """A card, attached to a customer unless `of` is None."""
        script = list(outcomes) or ["succeed"]
        self.cards[payment_method_id] = FakeCard(
            payment_method_id,
            of,
            script,
            attach_error,
            fingerprint=fingerprint or f"of {payment_method_id}",
            consent=consent,
            created_at=created_at,
            replaced=replaced,
        )
        return payment_method_id

    def has_intent(self, payment: Payment) -> FakeIntent:
        """A PaymentIntent for a payment, whose idempotency key is forgotten."""
        payment_intent_id = payment.payment_intent_id or f"pi_{len(self.intents) + 1}"
        intent = PaymentIntent(
            payment_intent_id=payment_intent_id,
            status="requires_confirmation",
            client_secret=f"{payment_intent_id}_secret_of_{payment.user_id}",
            payment_method_id=payment.payment_method_id,
            next_action=None,
            last_payment_error=None,
            payment_id=payment.payment_id,
            stripe_customer_id=payment.stripe_customer_id,
            amount=payment.amount,
            currency=payment.currency,
            livemode=payment.livemode,
        )
        self.intents[payment_intent_id] = FakeIntent(payment, intent)
        return self.intents[payment_intent_id]

    def has_cvc_token(self, cvc_token: str) -> str:
        """A token that works once."""
        self._cvc_tokens.add(cvc_token)
        return cvc_token

    def forget_customer(self, stripe_customer_id: str) -> None:
        """Delete a customer and everything that belongs to it."""
        del self.customers[stripe_customer_id]
        self.deleted_customers.add(stripe_customer_id)

    def forget_idempotency_keys(self) -> None:
        """A day passes."""
        self._customers_by_key.clear()
        self._failed_keys.clear()
        self._intents_by_key.clear()
        self._parameters_by_key.clear()

    def fail_before(self, name: str, error: Exception) -> None:
        """The next such call fails before it has any effect."""
        self._failures.setdefault((name, "before"), []).append(error)

    def fail_after(self, name: str, error: Exception) -> None:
        """The next such call takes effect, but its answer is lost."""
        self._failures.setdefault((name, "after"), []).append(error)

    def fail_to_create_a_customer(self, *, although_done: bool = False) -> None:
        """The next creation of a customer fails, and its key repeats that for a day."""
        self._customer_failures.append(although_done)

    def fail_to_create_an_intent(self, *, although_done: bool = False) -> None:
        """The next creation of an intent fails, and its key repeats that for a day."""
        self._intent_failures.append(although_done)

    def fail_to_refund(self, *, although_done: bool = False) -> None:
        """The next refund under a new key ends in a 500, which Stripe remembers."""
        self._refund_failures.append(although_done)

    def hold(self, payment_intent_id: str, *, until: str) -> None:
        """The bank holds the money until then."""
        amount = self.intent(payment_intent_id).amount
        self._set(
            payment_intent_id,
            status="requires_capture",
            amount_capturable=amount,
            capture_before=until,
        )

    def meanwhile(self, name: str, action: Callable[[], object]) -> None:
        """Someone else does something during the next such call."""
        self._meanwhile.setdefault(name, []).append(action)

    def complete_challenge(self, payment_intent_id: str) -> None:
        """The cardholder passes 3-D Secure."""
        self.intents[payment_intent_id].authenticated = True
        self._set(payment_intent_id, status="requires_confirmation", next_action=None)

    def fail_challenge(self, payment_intent_id: str) -> None:
        """The cardholder does not pass 3-D Secure."""
        self._refuse(payment_intent_id, AUTHENTICATION_FAILED)

    def cancel(self, payment_intent_id: str) -> None:
        """The merchant cancels the payment."""
        self._set(payment_intent_id, status="canceled", next_action=None)

    def edit(self, payment_intent_id: str, **changes: object) -> None:
        """Somebody with the key changes an intent."""
        self._set(payment_intent_id, **changes)

    def forget_intent(self, payment_intent_id: str) -> None:
        """Our key no longer sees an intent."""
        del self.intents[payment_intent_id]

    def refund(
        self,
        payment_intent_id: str,
        amount: int,
        status: str = "succeeded",
        *,
        refund_id: str = "re_1",
    ) -> None:
        """The merchant gives back this much, in minor units, or that refund goes on."""
        known = self.intent(payment_intent_id).refunds
        made = {refund.refund_id: refund for refund in known}
        made[refund_id] = Refund(refund_id, amount, status)
        refunds = tuple(made.values())
        self._set(payment_intent_id, refunds=refunds, amount_refunded=refunded(refunds))

    def dispute(self, payment_intent_id: str, status: str, *, dispute_id: str = "du_1") -> None:
        """The cardholder disputes the charge, or that dispute goes on."""
        known = self.intent(payment_intent_id).disputes or ()
        made = {dispute.dispute_id: dispute for dispute in known}
        made[dispute_id] = Dispute(dispute_id, status)
        disputes = tuple(made.values())
        status_of_all = weightiest_status(disputes)
        self._set(payment_intent_id, disputes=disputes, dispute_status=status_of_all)

    def rename_customer(self, stripe_customer_id: str, *, email: str, name: str) -> None:
        """The merchant edits a customer."""
        user = self.customers[stripe_customer_id].user
        self.customers[stripe_customer_id].user = replace(user, email=email, name=name)

    def has_event(self, event: StripeEvent) -> StripeEvent:
        """An event in the Events API."""
        self.events.append(event)
        return event

    def intent(self, payment_intent_id: str) -> PaymentIntent:
        """The intent's real state, without a call."""
        return self.intents[payment_intent_id].intent

    def names_of_calls(self) -> list[str]:
        """The names of all calls, in order."""
        return [call.name for call in self.calls]

    def arguments_of(self, name: str) -> list[dict[str, object]]:
        """The arguments of each such call."""
        return [call.arguments for call in self.calls if call.name == name]

    # What a use case calls.

    def account_id(self) -> str | None:
        if self.account_error:
            raise self.account_error
        return self.account

    def create_customer(self, user: User, unfinished: UnfinishedCustomer) -> str:
        with self._under_way("create_customer", user=user, unfinished=unfinished):
            if user.email in self.refused_emails:
                raise PaymentRefusedError(code="email_invalid", param="email")
            key = f"{self.livemode}:{unfinished}:{bool(user.email)}"
            if key in self._failed_keys:
                same = self._failed_keys[key] == user
                raise FailureRememberedError if same else IdempotencyKeyReusedError
            if self._customer_failures:
                self._failed_keys[key] = user
                if self._customer_failures.pop(0):
                    self.has_customer(user, f"cus_{len(self.customers) + 1}")
                raise FailureRememberedError
            if key not in self._customers_by_key:
                stripe_customer_id = f"cus_{len(self.customers) + 1}"
                self.has_customer(user, stripe_customer_id)
                self._customers_by_key[key] = self.customers[stripe_customer_id]
            created = self._customers_by_key[key]
            if created.user != user:
                raise IdempotencyKeyReusedError
            return created.stripe_customer_id

    def find_customer(self, user: User, *, newest: bool = False) -> str | None:
        with self._under_way("find_customer", user=user, newest=newest):
            return next(
                (
                    customer.stripe_customer_id
                    for customer in self.customers.values()
                    if customer.user.user_id == user.user_id
                    and customer.livemode == self.livemode
                    and (newest or not self.search_lags or customer.user.email == user.email != "")
                ),
                None,
            )

    def delete_unused_customer(self, stripe_customer_id: str) -> bool:
        with self._under_way("delete_unused_customer", stripe_customer_id=stripe_customer_id):
            if stripe_customer_id in self._owners():
                return False
            if self.customers.pop(stripe_customer_id, None):
                self.deleted_customers.add(stripe_customer_id)
            return True

    def is_customer_used(self, stripe_customer_id: str) -> bool:
        with self._under_way("is_customer_used", stripe_customer_id=stripe_customer_id):
            return stripe_customer_id in self._owners()

    def _owners(self) -> set[str | None]:
        return {card.stripe_customer_id for card in self.cards.values()} | {
            intent.payment.stripe_customer_id for intent in self.intents.values()
        }

    def find_importable_customer(self, stripe_customer_id: str) -> StripeCustomer | None:
        with self._under_way("find_importable_customer", stripe_customer_id=stripe_customer_id):
            if stripe_customer_id in self.deleted_customers:
                return None
            self._require_customer(stripe_customer_id)
            return _importable(self.customers[stripe_customer_id])

    def list_importable_customers(self) -> Iterator[StripeCustomer]:
        with self._under_way("list_importable_customers"):
            known = [each for each in self.customers.values() if each.livemode == self.livemode]
            return iter([_importable(each) for each in reversed(known)])

    def link_customer(self, stripe_customer_id: str, user_id: str | None) -> None:
        with self._under_way(
            "link_customer", stripe_customer_id=stripe_customer_id, user_id=user_id
        ):
            self._require_customer(stripe_customer_id)
            customer = self.customers[stripe_customer_id]
            customer.user = replace(customer.user, user_id=user_id or "")

    def update_customer(self, stripe_customer_id: str, *, email: str | None, name: str) -> None:
        with self._under_way(
            "update_customer", stripe_customer_id=stripe_customer_id, email=email, name=name
        ):
            self._require_customer(stripe_customer_id)
            if email in self.refused_emails:
                raise PaymentRefusedError(code="email_invalid", param="email")
            customer = self.customers[stripe_customer_id]
            customer.user = replace(
                customer.user, name=name, email=customer.user.email if email is None else email
            )

    def find_all_customers(self, user: User) -> set[str]:
        with self._under_way("find_all_customers", user=user):
            return {
                each.stripe_customer_id
                for each in self.customers.values()
                if each.user.user_id == user.user_id and each.livemode == self.livemode
            }

    def delete_customer(self, stripe_customer_id: str) -> None:
        with self._under_way("delete_customer", stripe_customer_id=stripe_customer_id):
            if stripe_customer_id not in self.deleted_customers:
                self._require_customer(stripe_customer_id)
                self.forget_customer(stripe_customer_id)
            for card in self.cards.values():
                if card.stripe_customer_id == stripe_customer_id:
                    card.stripe_customer_id, card.detached = None, True

    def has_unended_subscriptions(self, stripe_customer_id: str) -> bool:
        with self._under_way("has_unended_subscriptions", stripe_customer_id=stripe_customer_id):
            self._require_known(stripe_customer_id)
            return stripe_customer_id in self.subscribed

    def has_unsettled_invoices(self, stripe_customer_id: str) -> bool:
        with self._under_way("has_unsettled_invoices", stripe_customer_id=stripe_customer_id):
            self._require_known(stripe_customer_id)
            return stripe_customer_id in self.invoiced

    def _require_known(self, stripe_customer_id: str) -> None:
        """Stripe goes on to know deleted customers."""
        if stripe_customer_id not in self.deleted_customers:
            self._require_customer(stripe_customer_id)

    def attach_payment_method(
        self, payment_method_id: str, *, stripe_customer_id: str
    ) -> tuple[PaymentMethod, bool]:
        with self._under_way(
            "attach_payment_method",
            payment_method_id=payment_method_id,
            stripe_customer_id=stripe_customer_id,
        ):
            self._require_customer(stripe_customer_id)
            card = self.cards.get(payment_method_id)
            owners = {None, stripe_customer_id}
            if card is None or card.detached or card.stripe_customer_id not in owners:
                raise PaymentMethodNotFoundError
            if card.attach_error:
                raise card.attach_error
            new = card.stripe_customer_id is None
            card.stripe_customer_id = stripe_customer_id
            return self.shown(payment_method_id), new

    def list_payment_methods(
        self, stripe_customer_id: str, *, limit: int, cursor: str | None
    ) -> Page[PaymentMethod]:
        with self._under_way(
            "list_payment_methods",
            stripe_customer_id=stripe_customer_id,
            limit=limit,
            cursor=cursor,
        ):
            self._require_customer(stripe_customer_id)
            cards = [
                self.shown(card.payment_method_id)
                for card in reversed(self.cards.values())
                if card.stripe_customer_id == stripe_customer_id
            ]
            return page_of(cards, [card.payment_method_id for card in cards], limit, cursor)

    def shown(self, payment_method_id: str) -> PaymentMethod:
        """A card, as Stripe shows it."""
        card = self.cards[payment_method_id]
        customer = self.customers.get(card.stripe_customer_id or "")
        default = customer.default if customer else None
        return replace(_shown(card), default=default == payment_method_id)

    def retrieve_own_payment_method(
        self, payment_method_id: str, stripe_customer_id: str
    ) -> PaymentMethod:
        with self._under_way(
            "retrieve_own_payment_method",
            payment_method_id=payment_method_id,
            stripe_customer_id=stripe_customer_id,
        ):
            self._require_card(payment_method_id, stripe_customer_id)
            return self.shown(payment_method_id)

    def list_all_payment_methods(self, stripe_customer_id: str) -> list[PaymentMethod]:
        with self._under_way("list_all_payment_methods", stripe_customer_id=stripe_customer_id):
            self._require_customer(stripe_customer_id)
            return [
                self.shown(card.payment_method_id)
                for card in reversed(self.cards.values())
                if card.stripe_customer_id == stripe_customer_id
            ]

    def retrieve_payment_method(
        self, payment_method_id: str
    ) -> tuple[PaymentMethod, str | None, str | None]:
        with self._under_way("retrieve_payment_method", payment_method_id=payment_method_id):
            card = self.cards.get(payment_method_id)
            if card is None:
                raise PaymentMethodNotFoundError
            customer = self.customers.get(card.stripe_customer_id or "")
            user_id = customer.user.user_id if customer else None
            return self.shown(payment_method_id), card.stripe_customer_id, user_id

    def update_payment_method(
        self,
        payment_method_id: str,
        *,
        billing_details: Mapping[str, object] | None = None,
        exp_month: int | None = None,
        exp_year: int | None = None,
    ) -> PaymentMethod:
        changes: dict[str, object] = {"exp_month": exp_month, "exp_year": exp_year}
        if billing_details:
            changes["billing_details"] = billing_details
        given = {name: value for name, value in changes.items() if value is not None}
        with self._under_way("update_payment_method", payment_method_id=payment_method_id, **given):
            card = self._require_attached(payment_method_id)
            card.details.update(given)
            return self.shown(payment_method_id)

    def record_consent(self, payment_method_id: str, consent: Consent) -> PaymentMethod:
        with self._under_way(
            "record_consent", payment_method_id=payment_method_id, consent=consent
        ):
            self._require_attached(payment_method_id).consent = consent
            return self.shown(payment_method_id)

    def mark_replaced(self, payment_method_id: str, *, by: str) -> None:
        with self._under_way("mark_replaced", payment_method_id=payment_method_id, by=by):
            self._require_attached(payment_method_id).replaced = True

    def detach_payment_method(self, payment_method_id: str) -> None:
        with self._under_way("detach_payment_method", payment_method_id=payment_method_id):
            card = self.cards.get(payment_method_id)
            if card is None or card.stripe_customer_id is None:
                return
            customer = self.customers[card.stripe_customer_id]
            if customer.default == payment_method_id:
                customer.default = None
            card.stripe_customer_id, card.detached = None, True

    def set_default_payment_method(
        self, stripe_customer_id: str, *, payment_method_id: str
    ) -> None:
        with self._under_way(
            "set_default_payment_method",
            stripe_customer_id=stripe_customer_id,
            payment_method_id=payment_method_id,
        ):
            self._require_customer(stripe_customer_id)
            self._require_card(payment_method_id, stripe_customer_id)
            self.customers[stripe_customer_id].default = payment_method_id

    def create_setup_intent(
        self, stripe_customer_id: str, *, user_id: str, consent: Consent, attempt: str = "setup:1@1"
    ) -> SetupIntent:
        with self._under_way(
            "create_setup_intent",
            stripe_customer_id=stripe_customer_id,
            user_id=user_id,
            consent=consent,
            attempt=attempt,
        ):
            self._require_customer(stripe_customer_id)
            setup_intent_id = f"seti_{len(self.setup_intents) + 1}"
            self.setup_intents[setup_intent_id] = SetupIntent(
                setup_intent_id=setup_intent_id,
                status="requires_payment_method",
                usage=consent.usage,
                client_secret=f"{setup_intent_id}_secret_1",
                next_action=None,
                stripe_customer_id=stripe_customer_id,
                consent=consent,
                user_id=user_id,
                stack=self.stack,
                attempt=attempt,
            )
            return self.setup_intents[setup_intent_id]

    def cancel_setup_intent(self, setup_intent_id: str) -> None:
        with self._under_way("cancel_setup_intent", setup_intent_id=setup_intent_id):
            intent = self.setup_intents[setup_intent_id]
            self.setup_intents[setup_intent_id] = replace(intent, status="canceled")

    def set_up(self, setup_intent_id: str, payment_method_id: str) -> None:
        """The browser confirms a SetupIntent with a card, which attaches it."""
        intent = self.setup_intents[setup_intent_id]
        self.cards[payment_method_id].stripe_customer_id = intent.stripe_customer_id
        self.setup_intents[setup_intent_id] = replace(
            intent, status="succeeded", card=self.shown(payment_method_id)
        )

    def has_setup_intent(self, payment_method_id: str, stripe_customer_id: str) -> bool:
        with self._under_way("has_setup_intent", payment_method_id=payment_method_id):
            return any(
                intent.card and intent.card.payment_method_id == payment_method_id
                for intent in self.setup_intents.values()
                if intent.stripe_customer_id == stripe_customer_id
            )

    def retrieve_setup_intent(self, setup_intent_id: str) -> SetupIntent:
        with self._under_way("retrieve_setup_intent", setup_intent_id=setup_intent_id):
            intent = self.setup_intents.get(setup_intent_id)
            if intent is None:
                raise SetupIntentNotFoundError
            if intent.card is None:
                return intent
            card = self.cards[intent.card.payment_method_id]
            return replace(
                intent,
                card=self.shown(card.payment_method_id),
                card_customer_id=card.stripe_customer_id,
            )

    def create_payment_intent(
        self,
        payment: Payment,
        order: Order | None = None,  # noqa: ARG002 - a fake has no use for the delivery
    ) -> PaymentIntent:
        with self._under_way("create_payment_intent", payment=payment):
            key = payment.idempotency_key
            if key not in self._parameters_by_key:
                self._require_customer(payment.stripe_customer_id)
                self._require_card(payment.payment_method_id, payment.stripe_customer_id)
                self._parameters_by_key[key] = _parameters(payment)
                fails = bool(self._intent_failures)
                if not fails or self._intent_failures.pop(0):
                    made = self.has_intent(payment)
                if not fails:
                    self._intents_by_key[key] = made
            if self._parameters_by_key[key] != _parameters(payment):
                raise IdempotencyKeyReusedError
            if key not in self._intents_by_key:
                raise FailureRememberedError
            return self._intents_by_key[key].intent

    def find_payment_intent(
        self, payment: Payment, *, before_its_row: bool = False
    ) -> PaymentIntent | None:
        assert isinstance(before_its_row, bool)  # this one looks back as far as there is anything
        with self._under_way("find_payment_intent", payment=payment):
            named = [
                kept.intent
                for kept in self.intents.values()
                if kept.intent.payment_id == payment.payment_id
            ]
            takes_money = [each for each in named if each.status == "succeeded"]
            exact = [each for each in named if not payment.differences_from(each)]
            return next(iter(exact + takes_money), None)

    def retrieve_payment_intent(
        self, payment_intent_id: str, *, disputed: bool = False, of_radar: bool = False
    ) -> PaymentIntent:
        with self._under_way("retrieve_payment_intent", payment_intent_id=payment_intent_id):
            self._require_intent(payment_intent_id)
            intent = self.intent(payment_intent_id)
            if not of_radar:
                intent = replace(intent, fraud_warnings=None)
            if disputed or not self.charges_hide_inquiries:
                return intent
            return replace(intent, disputes=None, dispute_status=None)

    def confirm_payment_intent(
        self,
        payment_intent_id: str,
        *,
        payment: Payment,
        payment_method_id: str | None = None,
        cvc_token: str | None = None,
        radar_session: str | None = None,
        receipt_email: str | None = None,
    ) -> PaymentIntent:
        with self._under_way(
            "confirm_payment_intent",
            payment_intent_id=payment_intent_id,
            payment_method_id=payment_method_id,
            cvc_token=cvc_token,
            **({"radar_session": radar_session} if radar_session else {}),
            **({"receipt_email": receipt_email} if receipt_email else {}),
        ):
            kept = self._require_intent(payment_intent_id)
            key = f"{cvc_token}:{payment_method_id}"
            if cvc_token is None or key not in kept.confirmations:
                _check_line_items(payment, kept.intent)
                error = self._confirm(kept, payment_method_id, cvc_token)
                kept.confirmations[key] = error
            replayed_error = kept.confirmations[key]
            if replayed_error:
                raise replayed_error
            return self.intent(payment_intent_id)

    def cancel_payment_intent(
        self, payment_intent_id: str, *, reason: str = "abandoned"
    ) -> PaymentIntent:
        with self._under_way(
            "cancel_payment_intent", payment_intent_id=payment_intent_id, reason=reason
        ):
            if self._require_intent(payment_intent_id).intent.status not in FINAL_STATUSES:
                self._set(
                    payment_intent_id,
                    status="canceled",
                    next_action=None,
                    amount_capturable=0,
                    cancellation_reason=reason,
                )
            return self.intent(payment_intent_id)

    def capture_payment_intent(self, payment_intent_id: str, *, amount: int) -> PaymentIntent:
        with self._under_way(
            "capture_payment_intent", payment_intent_id=payment_intent_id, amount=amount
        ):
            intent = self._require_intent(payment_intent_id).intent
            if intent.status == "requires_capture":
                if amount > intent.amount_capturable:
                    raise AmountTooLargeError
                self._set(
                    payment_intent_id,
                    status="succeeded",
                    amount_capturable=0,
                    amount_received=amount,
                )
            return self.intent(payment_intent_id)

    def create_refund(self, refund: RequestedRefund, payment_intent_id: str) -> PaymentIntent:
        with self._under_way("create_refund", refund=refund, payment_intent_id=payment_intent_id):
            asked = (refund.amount, refund.reason, tuple(refund.metadata.items()))
            key = refund.idempotency_key
            if self._parameters_by_key.setdefault(key, asked) != asked:
                raise IdempotencyKeyReusedError
            if key not in self._refund_answers:
                self._refund_answers[key] = self._give_back(refund, payment_intent_id)
            if error := self._refund_answers[key]:
                raise error
            return self.intent(payment_intent_id)

    def _give_back(self, refund: RequestedRefund, payment_intent_id: str) -> Exception | None:
        """The error with which Stripe answers, and will answer again."""
        intent = self._require_intent(payment_intent_id).intent
        fails, although_done = bool(self._refund_failures), False
        if fails:
            although_done = self._refund_failures.pop(0)
        if fails and not although_done:
            return FailureRememberedError()
        if self.forbids_refunds:
            return PaymentNotRefundableError("charge_disputed")
        at_work = {"succeeded", "pending", "requires_action"}
        given = sum(each.amount for each in intent.refunds if each.status in at_work)
        if refund.amount > intent.amount_received - given:
            return AmountTooLargeError()
        made = Refund(
            refund_id=f"re_{len(intent.refunds) + 1}",
            amount=refund.amount,
            status=self.refund_status,
            requested_as=refund.refund_id,
            reason=refund.reason,
            created_at=now(),
        )
        refunds = (*intent.refunds, made)
        self._set(payment_intent_id, refunds=refunds, amount_refunded=refunded(refunds))
        return FailureRememberedError() if although_done else None

    def retrieve_customer(self, stripe_customer_id: str) -> tuple[str, str] | None:
        with self._under_way("retrieve_customer", stripe_customer_id=stripe_customer_id):
            if stripe_customer_id in self.deleted_customers:
                return None
            self._require_customer(stripe_customer_id)
            user = self.customers[stripe_customer_id].user
            return user.email, user.name

    def verified_event(self, payload: bytes, signature: str) -> StripeEvent:
        if signature != "signed":
            raise InvalidSignatureError
        return next(each for each in self.events if each.event_id == payload.decode())

    def retrieve_event(self, event_id: str) -> StripeEvent:
        with self._under_way("retrieve_event", event_id=event_id):
            return next(each for each in self.events if each.event_id == event_id)

    def list_events(
        self, types: Iterable[str], *, since: int, until: int, cursor: str | None
    ) -> Page[StripeEvent]:
        with self._under_way("list_events", since=since, until=until, cursor=cursor):
            wanted = set(types)
            if len(wanted) > MOST_TYPES:
                raise PaymentRefusedError(code=None, param="types")
            found = [
                event
                for event in reversed(self.events)
                if event.type in wanted and since <= event.created < until
            ]
            ids = [event.event_id for event in found]
            if cursor is not None and cursor not in ids:
                raise CursorUnknownError
            return page_of(found, ids, EVENTS_PAGE, cursor)

    # How it works inside.

    def _confirm(
        self,
        kept: FakeIntent,
        payment_method_id: str | None,
        cvc_token: str | None,
    ) -> Exception | None:
        intent = kept.intent
        if intent.status in {"succeeded", "canceled"}:
            return None
        if intent.status == "requires_payment_method" and payment_method_id is None:
            return None
        if kept.authenticated and cvc_token is None:
            self._settle(intent.payment_intent_id, kept)
            return None
        if cvc_token not in self._cvc_tokens:
            return CvcRequiredError()
        chosen = payment_method_id or intent.payment_method_id or ""
        try:
            card = self._require_card(chosen, kept.payment.stripe_customer_id)
        except PaymentMethodNotFoundError as error:
            return error
        self._cvc_tokens.discard(cvc_token)
        kept.authenticated = False
        self._set(intent.payment_intent_id, payment_method_id=chosen)
        outcome = card.next_outcome()
        if outcome == "challenge":
            self._set(intent.payment_intent_id, status="requires_action", next_action=CHALLENGE)
        elif isinstance(outcome, LastPaymentError):
            self._refuse(intent.payment_intent_id, outcome)
        else:
            self._succeed(intent.payment_intent_id)
        return None

    def _settle(self, payment_intent_id: str, kept: FakeIntent) -> None:
        card = self.cards[kept.intent.payment_method_id or ""]
        outcome = card.outcomes[0]
        if isinstance(outcome, LastPaymentError):
            self._refuse(payment_intent_id, outcome)
        else:
            self._succeed(payment_intent_id)

    def _succeed(self, payment_intent_id: str) -> None:
        self._set(
            payment_intent_id,
            status="succeeded",
            next_action=None,
            last_payment_error=None,
            amount_received=self.intent(payment_intent_id).amount,
        )

    def _refuse(self, payment_intent_id: str, error: LastPaymentError) -> None:
        self.intents[payment_intent_id].authenticated = False
        self._set(
            payment_intent_id,
            status="requires_payment_method",
            next_action=None,
            payment_method_id=None,
            last_payment_error=error,
        )

    def _set(self, payment_intent_id: str, **changes: object) -> None:
        kept = self.intents[payment_intent_id]
        kept.intent = replace(kept.intent, **changes)  # type: ignore[arg-type]

    def _require_intent(self, payment_intent_id: str) -> FakeIntent:
        if payment_intent_id not in self.intents:
            raise PaymentIntentMissingError
        return self.intents[payment_intent_id]

    def _require_customer(self, stripe_customer_id: str) -> None:
        customer = self.customers.get(stripe_customer_id)
        if customer is None or customer.livemode != self.livemode:
            raise CustomerMissingError

    def _require_card(self, payment_method_id: str, stripe_customer_id: str) -> FakeCard:
        card = self.cards.get(payment_method_id)
        if card is None or card.stripe_customer_id != stripe_customer_id:
            raise PaymentMethodNotFoundError
        return card

    def _require_attached(self, payment_method_id: str) -> FakeCard:
        card = self.cards.get(payment_method_id)
        if card is None or card.stripe_customer_id is None:
            raise PaymentMethodNotFoundError
        return card

    @contextmanager
    def _under_way(self, name: str, /, **arguments: object) -> Iterator[None]:
        self.calls.append(Call(name, arguments))
        self._fail(name, "before")
        yield
        if actions := self._meanwhile.get(name):
            actions.pop(0)()
        self._fail(name, "after")

    def _fail(self, name: str, moment: str) -> None:
        if failures := self._failures.get((name, moment)):
            raise failures.pop(0)


def page_of[Item](
    items: Sequence[Item], ids: Sequence[str], limit: int, cursor: str | None
) -> Page[Item]:
    """The page after the item whose id is the cursor."""
    if cursor is not None and cursor not in ids:
        raise ValidationError([("cursor", "Use next_cursor from the previous page.")])
    start = 0 if cursor is None else ids.index(cursor) + 1
    end = start + limit
    return Page(
        items=list(items[start:end]), next_cursor=ids[end - 1] if end < len(items) else None
    )


def _check_line_items(payment: Payment, intent: PaymentIntent) -> None:
    total = sum(line.quantity * line.unit_amount for line in payment.lines)
    total += payment.tax_amount + payment.shipping_amount - payment.discount_amount
    if intent.status not in FINAL_STATUSES and total != intent.amount:
        raise PaymentRefusedError(code=None, param="amount_details[line_items]")


def _parameters(payment: Payment) -> tuple[object, ...]:
    """What Stripe compares when an idempotency key is used again."""
    return (
        payment.amount,
        payment.currency,
        payment.stripe_customer_id,
        payment.payment_method_id,
        payment.lines,
        (payment.tax_amount, payment.shipping_amount, payment.discount_amount),
        (payment.order_id, payment.order_reference, payment.capture_method),
    )


def _shown(card: FakeCard) -> PaymentMethod:
    return PaymentMethod(
        payment_method_id=card.payment_method_id,
        type="card",
        brand="visa",
        last4="4242",
        exp_month=int(str(card.details.get("exp_month", 12))),
        exp_year=int(
            str(card.details.get("exp_year", (datetime.now(UTC) + timedelta(days=365)).year))
        ),
        cardholder_name="Ada Lovelace",
        created_at=card.created_at,
        fingerprint=card.fingerprint,
        billing_details=card.details.get("billing_details") or BILLING_DETAILS,  # type: ignore[arg-type]
        consent=card.consent,
        replaced=card.replaced,
    )
