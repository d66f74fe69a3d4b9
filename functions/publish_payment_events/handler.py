"""The Payments table's stream: publish stored changes as events on the bus."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from payments import wiring
from payments.use_cases.publish_payment_events import publish_payment_events

logger = Logger()
wiring.prepare(wiring.event_bus)


def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """If this raises, Lambda delivers the same records again, in order, until it succeeds."""
    changes = wiring.payments().changes_in(event)
    for published in publish_payment_events(changes, bus=wiring.event_bus()):
        logger.info("published", extra={"event_id": published.event_id, "type": published.type})
