"""The writes that only a rebuild makes: rows that are not there, and nothing over what is."""

from dataclasses import asdict
from typing import Any

from payments.aws.client import AwsClient
from payments.domain.customer import Customer
from payments.domain.errors import VersionConflictError
from payments.domain.order import Order
from payments.domain.payment import Payment
from payments.domain.refund import RequestedRefund
from payments.recorder import Recorder
from payments.repositories.dynamodb import ROW_FORM, ConditionFailedError, call, to_wire


class Tables:
    """The stack's tables."""

    def __init__(
        self,
        client: AwsClient,
        *,
        orders: str,
        refunds: str,
        recorder: Recorder,
    ) -> None:
        self._client = client
        self._orders_table = orders
        self._refunds = refunds
        self._payments = recorder.payments
        self._orders = recorder.orders
        self._customers = recorder.customers

    def copy(self, source: str, *, to: str) -> int:
        """Copy the rows that are not there; return how many. Harmless twice."""
        described = call(self._client, "describe_table", TableName=to)["Table"]
        key = described["KeySchema"][0]["AttributeName"]
        copied, page = 0, call(self._client, "scan", TableName=source)
        while True:
            for item in page["Items"]:
                copied += self._put(to, item, f"attribute_not_exists({key})")
            if "LastEvaluatedKey" not in page:
                return copied
            page = call(
                self._client,
                "scan",
                TableName=source,
                ExclusiveStartKey=page["LastEvaluatedKey"],
            )

    def add_customer(self, customer: Customer) -> bool:
        """Store a customer unless the person has one; whether that was done."""
        found = self._customers.find_row(customer.user_id)
        if found is not None and not _is_unfinished(found):
            return False
        stored = self._customers.add(customer, replacing=None)
        if customer.deletion_requested_at:
            at = customer.deletion_requested_at
            self._customers.request_deletion(customer.user_id, at=at, signed_out_at=at)
        return stored.stripe_customer_id == customer.stripe_customer_id

    def put_order(self, order: Order) -> str:
        """Store a paid order, or tell its row of the payment: `made`, `updated` or `there`."""
        stored = self._orders.add(order)
        if stored is order:
            return "made"
        told = stored.payment_id == order.payment_id
        paid = bool(stored.paid_at or stored.canceled_at) or order.paid_at is None
        if told and paid:
            return "there"
        self._tell(stored, order)
        return "updated"

    def _tell(self, stored: Order, order: Order) -> None:
        """Write into an order's row which payment it has, and when that succeeded."""
        paid = ", paid_at = if_not_exists(paid_at, :paid)" if order.paid_at else ""
        values: dict[str, Any] = {
            ":payment": order.payment_id,
            ":generation": order.payment_generation,
            ":read": stored.version,
            ":next": stored.version + 1,
            ":paid": order.paid_at,
        }
        try:
            call(
                self._client,
                "update_item",
                TableName=self._orders_table,
                Key=to_wire({"order_id": order.order_id}),
                UpdateExpression=(
                    "SET payment_id = :payment, payment_generation = :generation,"
                    f" version = :next{paid}"
                ),
                ConditionExpression="version = :read",
                ExpressionAttributeValues=to_wire(values),
            )
        except ConditionFailedError as error:
            raise VersionConflictError from error

    def add_refund(self, refund: RequestedRefund) -> bool:
        """Store a refund unless it is there; whether that was done."""
        item = to_wire(asdict(refund) | {"form": ROW_FORM})
        return self._put(self._refunds, item, "attribute_not_exists(refund_id)")

    def replace_payment(self, stored: Payment, made: Payment) -> None:
        """Put a payment in the place of a row that was written after the loss, at other prices.

        Raises:
            VersionConflictError: someone has written since.
        """
        put = self._payments.put_pending(made)["Put"]
        try:
            call(
                self._client,
                "put_item",
                TableName=put["TableName"],
                Item=put["Item"],
                ConditionExpression="version = :read",
                ExpressionAttributeValues=to_wire({":read": stored.version}),
            )
        except ConditionFailedError as error:
            raise VersionConflictError from error

    def _put(self, table: str, item: dict[str, Any], condition: str) -> bool:
        try:
            call(
                self._client,
                "put_item",
                TableName=table,
                Item=item,
                ConditionExpression=condition,
            )
        except ConditionFailedError:
            return False
        return True


def _is_unfinished(row: object) -> bool:
    return not hasattr(row, "stripe_customer_id") and not hasattr(row, "erased_at")
