"""The emails that Cognito would have sent. The emulator keeps them."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from local.state import Stack

_CODE = re.compile(r"\b\d{6}\b")
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class EmailedCode:
    """A code and the address it was sent to."""

    message_id: str
    email: str
    code: str


def emailed_codes(aws_endpoint_url: str) -> Iterator[EmailedCode]:
    """Yield every code that was emailed, oldest first."""
    answer = httpx.get(f"{aws_endpoint_url}/_ministack/ses/messages", timeout=5, trust_env=False)
    answer.raise_for_status()
    for messages in answer.json()["messages"].values():
        for message in messages:
            found = _CODE.search(message["BodyText"] or message["BodyHtml"])
            if found:
                for email in message["To"]:
                    yield EmailedCode(message["MessageId"], email, found.group())


def confirmation_code(stack: Stack, email: str, *, timeout: float = 10) -> str:
    """Return the latest code emailed to this address; wait for it if necessary.

    Raises:
        TimeoutError: none arrived.
    """
    deadline = time.monotonic() + timeout
    while True:
        codes = [sent.code for sent in emailed_codes(stack.aws_endpoint_url) if sent.email == email]
        if codes:
            return codes[-1]
        if time.monotonic() > deadline:
            raise TimeoutError(f"No code was emailed to {email} within {timeout:.0f} s.")
        time.sleep(_POLL_SECONDS)
