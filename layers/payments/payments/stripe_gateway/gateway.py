"""Stripe for the use cases: one method per call, with our types and errors.

Amounts are in minor units. Every method may raise StripeUnavailableError (no answer: the call may
have taken effect), StripeRejectedError (Stripe refused our call), RateLimitedError (try again in a
moment). Docstrings list only the other errors.
"""

from payments.stripe_gateway.cards import Cards
from payments.stripe_gateway.customer_imports import CustomerImports
from payments.stripe_gateway.customers import Customers
from payments.stripe_gateway.events import Events
from payments.stripe_gateway.refunds import Refunds


class StripeGateway(Customers, CustomerImports, Cards, Refunds, Events):
    """Everything that Till asks of Stripe."""
