"""Authorize merchant: who calls one of the merchant's routes."""

from typing import TYPE_CHECKING

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
    caller.check_login(customers.find_row(caller.user.user_id))
    return caller
