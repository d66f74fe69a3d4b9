"""The Refunds table: each refund is stored, and its amount reserved, before any money moves."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from payments.aws.client import AwsClient
from payments.domain.clock import now
from payments.domain.errors import PaymentNotFoundError, VersionConflictError
from payments.domain.payment import Payment, RefundRequest
from payments.domain.refund import RequestedRefund
from payments.repositories.dynamodb import (
    ROW_FORM,
    ConditionFailedError,
    Item,
    TransactionCanceledError,
    batch_get,
    call,
    from_wire,
    query_pages,
    to_wire,
    transact_write,
)
from payments.repositories.payments import (
    MAX_ID_LENGTH,
    PaymentsRepository,
    key_use_in,
    payment_from_item,
)

_FIELDS = tuple(field.name for field in fields(RequestedRefund))


def _refund_from_item(item: Item) -> RequestedRefund:
    known = {name: item[name] for name in _FIELDS if name in item}
    return RequestedRefund(**{"reason": None, "note": None} | known)


class RefundsRepository:
    """Rows of the Refunds table: those of a payment are together."""

    def __init__(self, client: AwsClient, table: str, *, payments: PaymentsRepository) -> None:
        self._client = client
        self._table = table
        self._payments = payments

    def load(self, payment_id: str, refund_id: str) -> tuple[Payment, RequestedRefund | None]:
        """A payment and a refund of it, as they were last written.

        Raises:
            PaymentNotFoundError: there is no such payment.
        """
        if len(payment_id) > MAX_ID_LENGTH:
            raise PaymentNotFoundError
        found = batch_get(
            self._client,
            {
                self._payments.table: [{"payment_id": payment_id}],
                self._table: [{"payment_id": payment_id, "refund_id": refund_id}],
            },
        )
        payments = [from_wire(row) for row in found[self._payments.table]]
        if not payments or key_use_in(payments[0]):
            raise PaymentNotFoundError
        refunds = [_refund_from_item(from_wire(row)) for row in found[self._table]]
        return payment_from_item(payments[0]), next(iter(refunds), None)

    def list_for_payment(self, payment_id: str) -> list[RequestedRefund]:
        """All refunds that were asked for, of this payment."""
        pages = query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="payment_id = :payment_id",
            ExpressionAttributeValues=to_wire({":payment_id": payment_id}),
            ConsistentRead=True,
        )
        return [_refund_from_item(from_wire(item)) for page in pages for item in page["Items"]]

    def add(self, refund: RequestedRefund, payment: Payment) -> Payment:
        """Store a refund and reserve its amount; return the payment after that.

        Raises:
            VersionConflictError: someone else has written since, perhaps this very refund.
        """
        request = RefundRequest(refund.refund_id, refund.amount, refund.actor)
        after = payment.with_refund_request(request)
        put = {
            "TableName": self._table,
            "Item": to_wire(asdict(refund) | {"form": ROW_FORM}),
            "ConditionExpression": "attribute_not_exists(refund_id)",  # one row per key
        }
        self._write_both({"Put": put}, payment, after)
        return after

    def refuse(
        self, refund: RequestedRefund, payment: Payment, *, why: str, by: str, actor: str
    ) -> Payment:
        """Store that Stripe refuses a refund for good, and release its amount.

        Raises:
            VersionConflictError: someone else has written since.
        """
        after = payment.without_refund_request(refund.refund_id, by=by, actor=actor)
        update = self._update(refund, "refused", why) | {
            "ConditionExpression": "attribute_not_exists(refused)"  # the first reason stays
        }
        self._write_both({"Update": update}, payment, after)
        return after

    def next_key_generation(self, refund: RequestedRefund) -> RequestedRefund:
        """Store that Stripe is asked under another idempotency key from now on.

        Raises:
            VersionConflictError: someone else has stored that.
        """
        later = replace(refund, key_generation=refund.key_generation + 1)
        update = self._update(refund, "key_generation", later.key_generation)
        update["ExpressionAttributeValues"] |= to_wire({":read": refund.key_generation})
        try:
            call(
                self._client,
                "update_item",
                ConditionExpression="key_generation = :read",  # everybody uses the same one
                **update,
            )
        except ConditionFailedError as error:
            raise VersionConflictError from error
        return later

    def _update(self, refund: RequestedRefund, name: str, value: object) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Key": to_wire({"payment_id": refund.payment_id, "refund_id": refund.refund_id}),
            "UpdateExpression": f"SET {name} = :value, updated_at = :at",
            "ExpressionAttributeValues": to_wire({":value": value, ":at": now()}),
        }

    def _write_both(self, write: Mapping[str, Any], before: Payment, after: Payment) -> None:
        update = self._payments.update_of(before, after)
        try:
            transact_write(self._client, [write, {"Update": update}])
        except TransactionCanceledError as error:
            raise VersionConflictError from error
