"""The address that a request comes from, which nobody can forge."""

import pytest

from payments.api.client_address import client_address
from payments.api.request import Request
from payments.domain.client import Client
from tests.unit.api_gateway import an_event

SECRET = "known-to-cloudfront-and-the-api"
EDGE = "130.176.0.1"  # CloudFront's own address


def through(**headers: object) -> str | None:
    """The address of a request that API Gateway got from CloudFront."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client_address(sent, EDGE, origin_secret=SECRET)


@pytest.mark.parametrize("address", ["198.51.100.7", "2001:db8::7", "::1"])
def test_cloudfront_tells_the_address_with_the_origins_secret(address: str) -> None:
    assert through(true_client_ip=address, x_origin_secret=SECRET) == address


@pytest.mark.parametrize(
    "secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], "ö", [SECRET, SECRET]]
)
def test_without_the_origins_secret_the_header_is_not_believed(secret: object) -> None:
    assert through(true_client_ip="198.51.100.7", x_origin_secret=secret) == EDGE


@pytest.mark.parametrize("sent", ["", None])
def test_a_stack_without_the_secret_believes_nobody(sent: str | None) -> None:
    headers = {"true-client-ip": "198.51.100.7", "x-origin-secret": sent}
    assert client_address(headers, EDGE, origin_secret="") == EDGE


@pytest.mark.parametrize("name", ["x-forwarded-for", "cloudfront-viewer-address", "x-real-ip"])
def test_no_other_header_is_believed(name: str) -> None:
    headers = {name: "198.51.100.7", "x-origin-secret": SECRET}
    assert client_address(headers, EDGE, origin_secret=SECRET) == EDGE


@pytest.mark.parametrize("told", [None, "", "198.51.100.7, 10.0.0.1", "x" * 99, ["198.51.100.7"]])
def test_what_is_no_address_is_not_taken(told: object) -> None:
    assert through(true_client_ip=told, x_origin_secret=SECRET) == EDGE


@pytest.mark.parametrize("source_ip", [None, "", "test-invoke-source-ip", 7])
def test_a_request_may_have_no_address(source_ip: object) -> None:
    assert client_address({}, source_ip, origin_secret=SECRET) is None


def test_a_request_knows_its_client() -> None:
    event = an_event(
        headers={
            "User-Agent": "Firefox",
            "True-Client-IP": "198.51.100.7",
            "X-Origin-Secret": SECRET,
        }
    )
    event["requestContext"]["identity"] = {"sourceIp": EDGE}
    behind = Request(event, max_body_bytes=1024, origin_secret=SECRET).client()
    assert behind == Client(address="198.51.100.7", user_agent="Firefox")
    beside = Request(event, max_body_bytes=1024, origin_secret="another").client()
    assert beside == Client(address=EDGE, user_agent="Firefox")
