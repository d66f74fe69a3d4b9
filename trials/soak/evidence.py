"""What to compare once everything is quiet: rows, Stripe's objects, events, replies."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local import Stack
from local.aws import session
from trials.soak.ledger import Fault, Ledger, Reply
from trials.soak.payment_events import PaymentEvent
from trials.soak.stripe import Stripe, StripeObject

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

type Row = Mapping[str, Any]


@dataclass(frozen=True)
class Evidence:
    """Everything the audit looks at. `prices` has all prices ever, by product and currency.

    `refused_intents` names an intent once for each of its refused attempts: a failed challenge is
    one too, and leaves no charge.
    """

    payments: Sequence[Row] = ()
    customer_rows: Sequence[Row] = ()
    orders: Sequence[Row] = ()
    refund_rows: Sequence[Row] = ()
    intents: Sequence[StripeObject] = ()
    charges: Sequence[StripeObject] = ()
    refused_intents: Sequence[str] = ()
    refunds: Sequence[StripeObject] = ()
    disputes: Sequence[StripeObject] = ()
    customers: Sequence[StripeObject] = ()
    events: Sequence[PaymentEvent] = ()
    replies: Sequence[Reply] = ()
    faults: Sequence[Fault] = ()
    prices: Mapping[str, set[int]] = field(default_factory=dict)
    webhooks: Mapping[str, int] = field(default_factory=dict)
    reconciler_failures: Sequence[str] = ()


def rows_of(stack: Stack, table_name: str) -> list[Row]:
    """Every row of a table."""
    dynamodb = session(stack.aws_endpoint_url).resource("dynamodb")
    with closing(dynamodb.meta.client):
        table: Table = dynamodb.Table(table_name)
        page = table.scan(ConsistentRead=True)
        rows: list[Row] = list(page["Items"])
        while "LastEvaluatedKey" in page:
            page = table.scan(ConsistentRead=True, ExclusiveStartKey=page["LastEvaluatedKey"])
            rows += page["Items"]
    return rows


def gather(
    stack: Stack,
    stripe: Stripe,
    *,
    ledger: Ledger,
    faults: Sequence[Fault],
    events: Sequence[PaymentEvent],
    webhooks: Counter[str],
    everybody: bool,
) -> Evidence:
    """Collect the evidence for all people, or only for those of this soak."""

    def counts(user_id: str | None) -> bool:
        return everybody or user_id in ledger.user_ids

    def in_stripe(path: str) -> list[StripeObject]:
        return [each for each in stripe.everything(path) if counts(each["metadata"].get("user_id"))]

    payments = [
        row
        for row in rows_of(stack, stack.payments_table)
        if "user_id" in row and counts(row["user_id"])  # others say what a key was answered with
    ]
    payment_ids = {row["payment_id"] for row in payments}
    charges = in_stripe("/v1/charges")
    charge_ids = {charge["id"] for charge in charges}
    return Evidence(
        payments=payments,
        orders=[row for row in rows_of(stack, stack.orders_table) if counts(row["user_id"])],
        refund_rows=[
            row for row in rows_of(stack, stack.refunds_table) if row["payment_id"] in payment_ids
        ],
        customer_rows=[
            row for row in rows_of(stack, stack.customers_table) if counts(row["user_id"])
        ],
        intents=in_stripe("/v1/payment_intents"),
        charges=charges,
        refused_intents=[
            event["data"]["object"]["id"]
            for event in stripe.everything("/v1/events", type="payment_intent.payment_failed")
        ],
        refunds=[
            each
            for each in stripe.everything("/v1/refunds")
            # Money that was held and never taken moves no balance, and is no refund to us.
            if each["charge"] in charge_ids and each["balance_transaction"]
        ],
        disputes=[
            each for each in stripe.everything("/v1/disputes") if each["charge"] in charge_ids
        ],
        customers=in_stripe("/v1/customers"),
        events=[event for event in events if counts(event["payment"]["user_id"])],
        replies=ledger.replies,
        faults=faults,
        prices=ledger.prices,
        webhooks=webhooks,
        reconciler_failures=ledger.reconciler_failures,
    )
