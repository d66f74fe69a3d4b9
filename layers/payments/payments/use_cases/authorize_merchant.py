"""Authorize merchant: who calls one of the merchant's routes."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from payments.domain.clock import timestamp
from payments.domain.errors import NotAllowedError
from payments.domain.token import ProgramToken, Token

if TYPE_CHECKING:
    from payments.aws.pool_tokens import PoolTokens
    from payments.repositories.customers import CustomersRepository


def authorize_merchant(
    token: str, *, tokens: "PoolTokens", customers: "CustomersRepository"
) -> Token:
    """Whose token it is, if it is a program's or that of staff who logged in with a one-time code.

    Raises:
        InvalidTokenError: it is none of this user pool, or has expired.
        SignedOutError, AccountErasedError: it was ended.
        NotAllowedError: its person is not staff, or has not set up a one-time-code app.
        AccountBeingDeletedError: they asked for the deletion of their account.
        ServiceUnavailableError: nobody can tell.
    """
    caller = tokens.read(token)
    if isinstance(caller, ProgramToken):
        return caller
    if not caller.is_staff:
        raise NotAllowedError
    user_id, auth_time = caller.user.user_id, caller.user.auth_time
    row = customers.find_row(user_id)
    caller.check_login(row)
    if auth_time is not None and caller.is_first_with_code(row):
        # Sessions from before the app are over.
        customers.sign_out(user_id, at=timestamp(datetime.fromtimestamp(auth_time, UTC)))
        customers.note_one_time_code(user_id, at=auth_time, session=caller.session)
    return caller
