"""GET /account/export: everything that is kept of the person."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.api.app import App
from payments.api.bodies.export import AccountExportResponse, ExportAccountQuery
from payments.domain.customer import User
from payments.settings import settings
from payments.use_cases.export_account import export_account

app = App("GET", "/account/export")
wiring.prepare(
    wiring.pool_administration,
    wiring.customers,
    wiring.payments,
    wiring.orders,
    stripe=["customers.payment_methods"],
)


@app.endpoint
def get_export(query: ExportAccountQuery, user: User) -> AccountExportResponse:
    export = export_account(
        user=user,
        cursor=query.cursor,
        pool=wiring.pool_administration(),
        stripe=wiring.stripe_gateway(),
        customers=wiring.customers(),
        payments=wiring.payments(),
        orders=wiring.orders(),
    )
    return AccountExportResponse.of(export, erase_after_days=settings().erase_after_days)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
