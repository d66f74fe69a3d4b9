"""The simulator's parts, and how they start afresh together."""

from starlette.requests import Request

from stripe_simulator.faults import Faults
from stripe_simulator.idempotency import IdempotencyKeys
from stripe_simulator.journal import Journal
from stripe_simulator.locks import ObjectLocks
from stripe_simulator.state import Account, Call, new_id
from stripe_simulator.webhooks import Webhooks


class Simulator:
    """One simulated Stripe account, with everything around it that tests steer."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.journal = Journal()
        self._start_afresh()

    def _start_afresh(self) -> None:
        self.faults.clear()
        self.journal.clear()
        self.idempotency_keys = IdempotencyKeys()
        self.locks = ObjectLocks()
        self.webhooks = Webhooks()
        self.account = Account(publish=self.webhooks.publish)
        self.webhooks.serve(self.account)

    async def reset(self) -> None:
        """Forget everything: objects, keys, faults, journal, webhooks and their mode."""
        earlier = self.webhooks
        self._start_afresh()
        await earlier.close()

    def steering_call(self, request: Request) -> Call:
        """A call that nobody made through Stripe's API: the cardholder's, or time's."""
        return Call(
            account=self.account,
            request_id=new_id("req", 14),
            base_url=str(request.base_url).rstrip("/"),
        )
