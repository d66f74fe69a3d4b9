"""Everything a new payment depends on, read from three tables in one call."""

from dataclasses import dataclass

from payments.aws.client import AwsClient
from payments.domain.customer import Customer
from payments.domain.errors import ServiceUnavailableError
from payments.domain.payment import Payment
from payments.domain.product import Product
from payments.repositories.customers import customer_from_item
from payments.repositories.dynamodb import call, from_wire, to_wire
from payments.repositories.payments import payment_from_item
from payments.repositories.products import product_from_item

_MAX_READS = 3


@dataclass(frozen=True, slots=True)
class PaymentInputs:
    """What we know when a person starts a payment; `payment` is set if the request is a replay."""

    customer: Customer | None
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
            ServiceUnavailableError: DynamoDB kept leaving keys unprocessed.
        """
        wanted = {
            self._customers: {"user_id": user_id},
            self._products: {"product_id": product_id},
            self._payments: {"payment_id": payment_id},
        }
        pending = {
            table: {"Keys": [to_wire(key)], "ConsistentRead": True} for table, key in wanted.items()
        }
        found = {}
        for _ in range(_MAX_READS):
            response = call(self._client, "batch_get_item", RequestItems=pending)
            for table, items in response["Responses"].items():
                if items:
                    found[table] = from_wire(items[0])
            pending = response.get("UnprocessedKeys", {})
            if not pending:
                break
        else:
            raise ServiceUnavailableError
        customer = found.get(self._customers)
        product = found.get(self._products)
        payment = found.get(self._payments)
        return PaymentInputs(
            customer=customer_from_item(customer) if customer else None,
            product=product_from_item(product) if product else None,
            payment=payment_from_item(payment) if payment else None,
        )
