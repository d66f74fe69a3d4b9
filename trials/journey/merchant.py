"""The merchant's side: a program makes orders, the shopper pays, staff and program go on."""

import secrets
from contextlib import ExitStack
from typing import Any

from local import Stack
from local.staff import add_staff, program_token
from trials.journey.api import Api, Audit
from trials.journey.steps import Reporter, expect
from trials.journey.stripe_js import Journal, StripeJs

CURRENCY = "eur"
HELD = 4_990
CAPTURED = 4_500
GIVEN_BACK = 1_500
_CREATED = 201


class Merchant:
    """A program, somebody of the merchant's staff and somebody of its support, around a shopper.

    The shopper has a card that is their default, and that may be charged in absence.
    """

    def __init__(
        self,
        stack: Stack,
        reporter: Reporter,
        *,
        shopper: Api,
        user_id: str,
        payment_method_id: str,
        stripe_js: StripeJs,
        journal: Journal | None,
        audit: Audit,
    ) -> None:
        self._stack = stack
        self._reporter = reporter
        self._shopper = shopper
        self._user_id = user_id
        self._card = payment_method_id
        self._stripe_js = stripe_js
        self._journal = journal
        self._audit = audit

    def walk(self) -> None:
        """Take every step.

        Raises:
            UnexpectedAnswerError: one of them did not go as expected.
        """
        with ExitStack() as cleanup:
            program = self._caller(cleanup, program_token(self._stack))
            support = self._caller(cleanup, self._staff("support"))
            merchant = self._caller(cleanup, self._staff("merchant"))
            payment_id = self._be_paid_for_an_order(program, merchant)
            self._give_money_back(support, payment_id)
            self._charge_in_absence(program)
            self._let_go(program, merchant)

    def _be_paid_for_an_order(self, program: Api, merchant: Api) -> str:
        """A program's order, held by the shopper's bank, of which the merchant takes a part."""
        order = self._order(program, "Make an order", HELD)
        expect("The order's total", order["total"], HELD)
        seen = self._shopper.call(
            "Look at the order", "GET", f"/orders/{order['order_id']}", status=200, stripe_calls=0
        )
        expect("The order's status", seen["status"], "open")
        payment = self._pay("Pay the order", order, status="requires_capture")
        found = merchant.call(
            "Staff: find the payment",
            "GET",
            f"/merchant/payments?order_reference={order['order_reference']}",
            status=200,
            stripe_calls=0,
        )["data"]
        expect(
            "What is held",
            [(each["payment_id"], each["amount_capturable"]) for each in found],
            [(payment["payment_id"], HELD)],
        )
        captured = merchant.call(
            "Staff: capture a part",
            "POST",
            f"/merchant/payments/{payment['payment_id']}/capture",
            status=200,
            json={"amount": CAPTURED},
        )
        expect("The status", captured["status"], "succeeded")
        expect("What was taken", captured["amount_received"], CAPTURED)
        expect("What was given back", captured["amount_refunded"], 0)
        return str(payment["payment_id"])

    def _give_money_back(self, support: Api, payment_id: str) -> None:
        path = f"/merchant/payments/{payment_id}"
        refund = support.call(
            "Support: refund a part",
            "POST",
            f"{path}/refunds",
            status=201,
            headers=_new_key(),
            json={"amount": GIVEN_BACK, "reason": "requested_by_customer", "note": "Too late"},
        )
        expect("The refund's status", refund["status"], "succeeded")
        refused = support.call(
            "Support: may not capture",
            "POST",
            f"{path}/capture",
            status=403,
            stripe_calls=0,
            json={},
        )
        expect("The problem's code", refused["code"], "not_allowed")
        too_much = support.call(
            "Support: refund too much",
            "POST",
            f"{path}/refunds",
            status=422,
            headers=_new_key(),
            json={"amount": CAPTURED - GIVEN_BACK + 1},
        )
        expect("The problem's code", too_much["code"], "amount_too_large")
        seen = self._shopper.call("See the refund", "GET", f"/payments/{payment_id}", status=200)
        expect("What came back", seen["amount_refunded"], GIVEN_BACK)

    def _charge_in_absence(self, program: Api) -> None:
        order = self._order(program, "Make another order", HELD, capture_method="automatic")
        payment = program.call(
            "Charge in absence",
            "POST",
            "/merchant/payments",
            status=201,
            stripe_calls=3,  # the cards, to charge only one with consent; the intent; the charge
            headers=_new_key(),
            json={"order_id": order["order_id"], "user_id": self._user_id},
        )
        expect("The status", payment["status"], "succeeded")
        expect("The card", payment["payment_method_id"], self._card)
        expect("What was taken", payment["amount_received"], HELD)

    def _let_go(self, program: Api, merchant: Api) -> None:
        """Cancel what is held, an order, and the shopper's own payment."""
        held = self._order(program, "Make an order to let go", HELD)
        payment = self._pay("Pay that order", held, status="requires_capture")
        released = merchant.call(
            "Staff: cancel what is held",
            "POST",
            f"/merchant/payments/{payment['payment_id']}/cancel",
            status=200,
            json={},
        )
        expect("The status", released["status"], "canceled")

        order = self._order(program, "Make an order to cancel", HELD)
        begun = self._create("Begin to pay it", order, status=201)
        canceled = program.call(
            "Cancel the order",
            "POST",
            f"/merchant/orders/{order['order_id']}/cancel",
            status=200,
            json={},
        )
        expect("The order's status", canceled["status"], "canceled")
        problem = self._create("Pay a canceled order", order, status=409)
        expect("The problem's code", problem["code"], "order_not_payable")
        over = self._shopper.call(
            "See it canceled", "GET", f"/payments/{begun['payment_id']}", status=200
        )
        expect("The status", over["status"], "canceled")

        own = self._order(program, "Make one more order", HELD)
        mine = self._create("Begin to pay that one", own, status=201)
        dropped = self._shopper.call(
            "Change one's mind",
            "POST",
            f"/payments/{mine['payment_id']}/cancel",
            status=200,
            stripe_calls=2,  # what is held is not theirs to let go, so that Stripe is asked first
        )
        expect("The status", dropped["status"], "canceled")

    def _order(
        self, program: Api, title: str, total: int, *, capture_method: str = "manual"
    ) -> dict[str, Any]:
        """A delivery of coffee, with tax, and less a discount."""
        return program.call(
            f"Program: {title[0].lower()}{title[1:]}",
            "POST",
            "/merchant/orders",
            status=201,
            stripe_calls=0,
            headers=_new_key(),
            json={
                "order_reference": f"J-{secrets.token_hex(6)}",
                "user_id": self._user_id,
                "currency": CURRENCY,
                "lines": [
                    {"description": "Coffee beans, 1 kg", "quantity": 2, "unit_amount": 1_900},
                    {"description": "A grinder", "quantity": 1, "unit_amount": 900},
                ],
                "tax_amount": 750,
                "shipping_amount": 490,
                "discount_amount": 5_940 - total,
                "capture_method": capture_method,
                "shipping": {
                    "name": "Jenny Rosen",
                    "address": {"line1": "1 Main Street", "city": "Berlin", "country": "DE"},
                },
                "receipt_email": "jenny@example.com",
                "statement_descriptor_suffix": "COFFEE",
                "metadata": {"channel": "journey"},
            },
        )

    def _create(self, title: str, order: dict[str, Any], *, status: int) -> dict[str, Any]:
        return self._shopper.call(
            title,
            "POST",
            "/payments",
            status=status,
            stripe_calls=int(status == _CREATED),
            headers=_new_key(),
            json={"order_id": order["order_id"], "payment_method_id": self._card},
        )

    def _pay(self, title: str, order: dict[str, Any], *, status: str) -> dict[str, Any]:
        payment = self._create(title, order, status=201)
        token = self._stripe_js.create_cvc_token()
        self._audit.cvc_tokens.append(token)
        paid = self._shopper.call(
            "Confirm it",
            "POST",
            f"/payments/{payment['payment_id']}/confirm",
            status=200,
            json={"cvc_token": token},
        )
        expect("The status", paid["status"], status)
        return paid

    def _caller(self, cleanup: ExitStack, token: str) -> Api:
        caller = Api(self._stack, self._reporter, journal=self._journal, audit=self._audit)
        cleanup.callback(caller.close)
        caller.log_in(token)
        return caller

    def _staff(self, group: str) -> str:
        with self._reporter.step(f"Add to {group}, log in", "POST", "Cognito") as step:
            token = add_staff(self._stack, group).tokens["IdToken"]
            step.status = 200
        return token


def _new_key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(16)}
