"""Opening a connection ahead of time does not call Stripe's API."""

from payments.stripe_gateway.transport import CurlClient
from payments.transport import Transport
from tests.integration.conftest import SECRET_KEY
from tests.support.simulator_client import Simulator


def test_opening_a_connection_to_stripe_calls_nothing(stripe: Simulator) -> None:
    # Given a fault that the first call will meet
    stripe.fault("GET", "/v1/events", "http_500")
    transport = Transport()
    client = CurlClient(stripe.url, transport=transport)
    # When
    client.open()
    # Then
    assert stripe.calls() == []
    url, headers = f"{stripe.url}/v1/events", {"Authorization": f"Bearer {SECRET_KEY}"}
    statuses = [client.request("get", url, headers)[1] for _ in range(2)]
    assert statuses == [500, 200]
    assert [call["path"] for call in stripe.calls()] == ["/v1/events"] * 2
    client.close()
