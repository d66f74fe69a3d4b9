"""Note which Stripe account our key belongs to."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from payments.domain.account import Accounts, Stay, accounts_with
from payments.domain.clock import now

if TYPE_CHECKING:
    from payments.repositories.bookmarks import BookmarksRepository
    from payments.stripe_gateway.gateway import StripeGateway

ACCOUNTS = "accounts"


def note_account(*, stripe: "StripeGateway", bookmarks: "BookmarksRepository") -> Accounts | None:
    """Ask for the account, note it, and return all that have been seen so far.

    None: our key may not say which account it belongs to.

    Raises:
        KeyRefusedError: our key belongs to none.
    """
    account_id = stripe.account_id()
    if account_id is None:
        return None
    before = tuple(Stay(**stay) for stay in bookmarks.load(ACCOUNTS).get("stays", ()))
    accounts = accounts_with(account_id, at=now(), before=before)
    bookmarks.save(ACCOUNTS, stays=[asdict(stay) for stay in accounts.stays])
    return accounts
