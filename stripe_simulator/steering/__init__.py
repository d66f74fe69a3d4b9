"""The steering API, `/_simulator/…`: what tests and developers do that Stripe's API can't.

    GET    /_simulator/health
    POST   /_simulator/reset                                everything is as at the start
    GET    /_simulator/requests                             the journal; DELETE empties it
    POST   /_simulator/faults                               see `faults`; GET lists, DELETE clears

The cardholder and its bank:
    POST   /_simulator/payment_intents/{id}/next_action     outcome=succeed|fail: the answer to
    POST   /_simulator/setup_intents/{id}/next_action       3D Secure
    GET    /_simulator/three_d_secure/{intent}/{challenge}  the page for it; POST answers
    POST   /_simulator/payment_intents/{id}/hold            capture_before, expired,
                                                            cancellation_reason: time passes
    POST   /_simulator/payment_methods/{id}                 exp_month, exp_year: time passes
    POST   /_simulator/charges/{id}/settle                  its balance transaction is written
    POST   /_simulator/charges/{id}/disputes                reason, inquiry, amount, marks_charge
    POST   /_simulator/disputes/{id}                        status: what became of a dispute
    POST   /_simulator/charges/{id}/reviews                 reason=rule|manual: somebody is to look
    POST   /_simulator/reviews/{id}                         closed_reason: what they decided
    POST   /_simulator/charges/{id}/early_fraud_warnings    fraud_type: the bank warns
    POST   /_simulator/refunds/{id}                         status, failure_reason, reference

The account:
    POST   /_simulator/keys                                 key, permissions, denied, revoked
    POST   /_simulator/search                               lag_seconds, available, catch_up
    POST   /_simulator/idempotency_keys/expire              24 hours pass
    POST   /_simulator/events                               kind, type, account, object: send one
    POST   /_simulator/events/age                           days pass, for events
    POST   /_simulator/subscriptions                        customer, status: one more;
    POST   /_simulator/subscriptions/{id}                   status: what became of it
    POST   /_simulator/invoices                             customer, status: one more;
    POST   /_simulator/invoices/{id}                        status: what became of it

Webhooks:
    POST   /_simulator/webhook_endpoints/{id}               signing_secret: one known beforehand
    POST   /_simulator/webhooks                             see `webhooks`; GET describes
    POST   /_simulator/webhooks/release

Bodies may be JSON or forms. No key is asked for.
"""

from starlette.routing import Route

from stripe_simulator.simulator import Simulator
from stripe_simulator.steering import account, cardholder, traffic
from stripe_simulator.steering.requests import routed


def routes(simulator: Simulator) -> list[Route]:
    """The steering API of one simulator."""
    return routed(simulator, (*traffic.HANDLERS, *cardholder.HANDLERS, *account.HANDLERS))
