"""The description of an operation, which no function needs at runtime."""

from collections.abc import Mapping
from dataclasses import dataclass

type Errors = tuple[type[Exception], ...]


@dataclass(frozen=True)
class Operation:
    """The description of one operation.

    answers: what each success status means.
    errors: the errors of its use case. The document adds the errors of the request's parts, from
    the endpoint's signature, and the errors that any operation may return.
    until_erased: whether it goes on to answer while the account is being deleted.
    """

    summary: str
    description: str
    answers: Mapping[int, str]
    errors: Errors = ()
    until_erased: bool = False
