"""The codes that Cognito emailed, as the emulator keeps them."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from local import confirmation_code
from local.mailbox import emailed_codes
from tests.stack.test_state import STACK


class Mailbox(HTTPServer):
    """The emulator's list of the messages that it would have sent."""

    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def send(self, email: str, text: str, *, html: bool = False) -> None:
        """Keep a message, as MiniStack does."""
        self.messages.append(
            {
                "MessageId": f"message-{len(self.messages)}",
                "To": [email],
                "BodyText": "" if html else text,
                "BodyHtml": text if html else "",
            }
        )


class _Handler(BaseHTTPRequestHandler):
    server: Mailbox

    def do_GET(self) -> None:
        assert self.path == "/_ministack/ses/messages"
        body = json.dumps({"messages": {"000000000000": self.server.messages}}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_latest_code_for_an_address_is_the_one_that_counts(mailbox: Mailbox) -> None:
    mailbox.send("ada@example.com", "Your verification code is 111111.")
    mailbox.send("bob@example.com", "Your verification code is 222222.")
    mailbox.send("ada@example.com", "<p>Your code is <b>333333</b></p>", html=True)
    stack = replace(STACK, aws_endpoint_url=mailbox.url)

    assert confirmation_code(stack, "ada@example.com") == "333333"
    assert confirmation_code(stack, "bob@example.com") == "222222"


def test_an_address_without_mail_ends_the_wait(mailbox: Mailbox) -> None:
    mailbox.send("ada@example.com", "Your verification code is 111111.")
    stack = replace(STACK, aws_endpoint_url=mailbox.url)

    with pytest.raises(TimeoutError, match=r"No code was emailed to bob@example\.com"):
        confirmation_code(stack, "bob@example.com", timeout=0.1)


def test_mail_without_a_code_is_passed_over(mailbox: Mailbox) -> None:
    mailbox.send("ada@example.com", "Welcome! Call us at 12345678.")
    mailbox.send("ada@example.com", "Your verification code is 111111.")

    assert [(sent.email, sent.code) for sent in emailed_codes(mailbox.url)] == [
        ("ada@example.com", "111111")
    ]
