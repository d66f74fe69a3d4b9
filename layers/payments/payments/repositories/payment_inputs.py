"""What a payment depends on, read from several tables in one call."""

from dataclasses import dataclass

from payments.aws.client import AwsClient
from payments.domain.customer import CustomerRow
from payments.domain.payment import Payment
from payments.domain.product import Product
from payments.repositories.customers import customer_row_from_item
from payments.repositories.dynamodb import batch_get, from_wire
from payments.repositories.payments import MAX_ID_LENGTH, payment_from_item
from payments.repositories.products import products_from_wire


@dataclass(frozen=True, slots=True)
class PaymentInputs:
    """What we know when a person starts a payment; `payment` is set if the request is a replay."""

    customer: CustomerRow | None
    product: Product | None
    payment: Payment | None


class PaymentInputsRepository:
    """One read over the Customers, Products and Payments tables."""

    def __init__(self, client: AwsClient, *, customers: str, products: str, payments: str) -> None:
        self._client = client
        self._customers = customers
        self._products = products
        self._payments = payments

    def load(self, *, user_id: str, product_id: str, payment_id: str) -> PaymentInputs:
        """Read those of the three rows that exist, with strong consistency.

        Raises:
            ServiceUnavailableError: DynamoDB did not answer for all of them.
        """
        found = batch_get(
            self._client,
            {
                self._customers: {"user_id": user_id},
                self._products: {"product_id": product_id},
                self._payments: {"payment_id": payment_id},
            },
        )
        customer = found.get(self._customers)
        product = found.get(self._products)
        payment = found.get(self._payments)
        return PaymentInputs(
            customer=customer_row_from_item(from_wire(customer)) if customer else None,
            product=next(iter(products_from_wire([product] if product else [])), None),
            payment=payment_from_item(from_wire(payment)) if payment else None,
        )

    def load_owned(
        self, payment_id: str, *, user_id: str, livemode: bool
    ) -> tuple[Payment | None, CustomerRow | None]:
        """The person's payment, made in this mode, and their row, with strong consistency.

        Instead of a payment of someone else, there is none.

        Raises:
            ServiceUnavailableError: DynamoDB did not answer for both.
        """
        keys = {self._customers: {"user_id": user_id}}
        if len(payment_id) <= MAX_ID_LENGTH:
            keys[self._payments] = {"payment_id": payment_id}
        found = batch_get(self._client, keys)
        row, item = found.get(self._customers), found.get(self._payments)
        payment = payment_from_item(from_wire(item)) if item else None
        if payment and not payment.belongs_to(user_id, livemode=livemode):
            payment = None
        return payment, customer_row_from_item(from_wire(row)) if row else None
