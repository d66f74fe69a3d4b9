"""A payment that waits for its confirmation, and the person who confirms it."""

from payments.domain.customer import User
from payments.domain.payment import Payment
from payments.domain.payment_intent import LastPaymentError, PaymentIntent
from payments.recorder import Recorder
from payments.use_cases.confirm_payment_intent import confirm_payment_intent
from tests.support.fakes.repositories import FakePaymentInputs, FakePayments
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, a_customer, a_payment


class Payer:
    """Ada about to pay: her payment is created and waits for its confirmation."""

    def __init__(
        self,
        stripe: FakeStripe,
        payments: FakePayments,
        inputs: FakePaymentInputs,
        recorder: Recorder,
    ) -> None:
        self.stripe = stripe
        self.payments = payments
        self._inputs = inputs
        self._recorder = recorder
        stripe.has_customer(ADA)
        inputs.customers.rows[ADA.user_id] = a_customer(saved_cards={"pm_card": "of pm_card"})

    def payment_with(self, *outcomes: str | LastPaymentError) -> None:
        """Her card's bank answers each confirmation in turn."""
        self.stripe.has_card("pm_card", *outcomes)
        self.stripe.has_intent(self.payments.put(a_payment()))

    def confirm(
        self,
        cvc_token: str | None = None,
        *,
        card: str | None = None,
        user: User = ADA,
        emails_receipts: bool = False,
    ) -> tuple[Payment, PaymentIntent]:
        """She confirms, with a new token from Stripe.js unless the token is already used."""
        used = {call["cvc_token"] for call in self.confirmations}
        if cvc_token and cvc_token not in used:
            self.stripe.has_cvc_token(cvc_token)
        return confirm_payment_intent(
            "pay_1",
            user=user,
            cvc_token=cvc_token,
            payment_method_id=card,
            emails_receipts=emails_receipts,
            inputs=self._inputs,
            recorder=self._recorder,
        )

    @property
    def row(self) -> Payment:
        """Our row."""
        return self.payments.rows["pay_1"]

    @property
    def confirmations(self) -> list[dict[str, object]]:
        """The confirmations that reached Stripe."""
        return self.stripe.arguments_of("confirm_payment_intent")
