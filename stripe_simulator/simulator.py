"""The simulator's parts, and how they start afresh together."""

from starlette.requests import Request

from stripe_simulator.faults import Faults
from stripe_simulator.idempotency import IdempotencyKeys
from stripe_simulator.journal import Journal
from stripe_simulator.keys import ApiKey, KeyRing
from stripe_simulator.locks import ObjectLocks
from stripe_simulator.state import Account, Call
from stripe_simulator.webhooks import Webhooks

ACCOUNT_ID = "acct_1SimulatorAccount"
OTHER_ACCOUNT_ID = "acct_1SimulatorOther00"


class Simulator:
    """Two simulated Stripe accounts, with everything around them that tests steer.

    `account` is the one that nearly every key belongs to; the other one is what a key of the wrong
    account opens. Their ids stay the same over a reset.
    """

    def __init__(self) -> None:
        self.faults = Faults()
        self.journal = Journal()
        self._start_afresh()

    def _start_afresh(self) -> None:
        self.faults.clear()
        self.journal.clear()
        self.keys = KeyRing()
        self.idempotency_keys = IdempotencyKeys()
        self.locks = ObjectLocks()
        self.webhooks = Webhooks()
        self.account = Account(ACCOUNT_ID, publish=self.webhooks.publish)
        self._other_account = Account(OTHER_ACCOUNT_ID, publish=self.webhooks.publish)

    async def reset(self) -> None:
        """Forget everything: objects, keys, faults, journal, webhooks and their mode."""
        earlier = self.webhooks
        self._start_afresh()
        await earlier.close()

    def account_of(self, key: ApiKey) -> Account:
        """The account that a key belongs to."""
        return self._other_account if key.other_account else self.account

    def steering_call(self, request: Request) -> Call:
        """A call that nobody made through Stripe's API: the cardholder's, or time's.

        Its events name no request, as at Stripe.
        """
        return Call(account=self.account, base_url=str(request.base_url).rstrip("/"))
