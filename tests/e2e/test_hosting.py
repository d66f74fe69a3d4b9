"""The web app and the API behind one origin, as the deployed distribution serves them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from local.aws import session
from tests.e2e.conftest import Person, World
from tools.deploy_web.hosting import describe_hosting
from tools.deploy_web.release import release

FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def site(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A browser's view of the distribution, after a small build was uploaded."""
    build: Path = tmp_path_factory.mktemp("dist")
    for name, text in {
        "index.html": "<p>the app</p>",
        "assets/app-1a2b.js": "app()",
        "docs/index.html": "<p>the reference</p>",
    }.items():
        (build / name).parent.mkdir(exist_ok=True)
        (build / name).write_text(text)
    aws = session(world.stack.aws_endpoint_url)
    hosting = describe_hosting(aws, world.stack.stack_name, {})
    release(aws, hosting, build)
    with httpx.Client(
        base_url=world.stack.aws_endpoint_url,
        headers={"Host": httpx.URL(hosting.url).host, "X-Forwarded-Proto": "https"},
    ) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/checkout/coffee-beans", "/payments/pay_1"])
def test_every_path_of_the_app_answers_its_page(site: httpx.Client, path: str) -> None:
    answer = site.get(path)

    assert (answer.status_code, answer.text) == (200, "<p>the app</p>")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_a_file_with_a_hash_is_kept_and_a_missing_one_is_not_the_app(site: httpx.Client) -> None:
    assert site.get("/assets/app-1a2b.js").headers["Cache-Control"] == FOR_EVER
    # MiniStack says 403. S3 says 404 to someone who may list the bucket.
    assert site.get("/assets/app-0000.js").status_code in (403, 404)


def test_the_configuration_is_the_stacks(site: httpx.Client, world: World) -> None:
    answer = site.get("/config.json")

    assert answer.json()["api_url"] == "/v1"
    assert answer.json()["user_pool_client_id"] == world.stack.user_pool_client_id
    assert answer.headers["Cache-Control"] == "no-cache"


def test_the_reference_has_the_policy_of_the_app(site: httpx.Client) -> None:
    assert site.get("/docs").headers["Location"] == "/docs/"
    answer = site.get("/docs/")
    assert answer.text == "<p>the reference</p>"
    policy = answer.headers["Content-Security-Policy"]
    assert policy == site.get("/").headers["Content-Security-Policy"]


def test_the_api_is_behind_the_same_origin(site: httpx.Client, ada: Person) -> None:
    answer = site.get("/v1/payments", headers={"Authorization": f"Bearer {ada.tokens['IdToken']}"})

    assert answer.status_code == 200
    assert answer.json() == ada.api.history().body
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_for_sale_may_be_kept_for_a_minute(site: httpx.Client) -> None:
    first = site.get("/v1/products")
    again = site.get("/v1/products", headers={"If-None-Match": first.headers["ETag"]})
    one = site.get("/v1/products/coffee-beans")

    assert first.json()["data"][0] == one.json()
    assert {each.headers["Cache-Control"] for each in (first, one)} == {"public, max-age=60"}
    assert (again.status_code, again.content) == (304, b"")


def test_its_refusals_are_problem_documents_and_not_the_app(
    site: httpx.Client, ada: Person
) -> None:
    token = {"Authorization": f"Bearer {ada.tokens['IdToken']}"}
    refusals = {
        "not_authenticated": site.get("/v1/payments"),
        "route_not_found": site.get("/v1/nothing"),
        "payment_not_found": site.get("/v1/payments/pay_unknown", headers=token),
    }

    for code, answer in refusals.items():
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == code


def test_plain_http_is_sent_to_https_and_the_api_does_not_answer_it(site: httpx.Client) -> None:
    plain = {"X-Forwarded-Proto": "http"}

    assert site.get("/", headers=plain).headers["Location"].startswith("https://")
    assert site.get("/v1/products", headers=plain).status_code == 403


def test_what_the_gateway_refuses_may_be_read_by_the_allowed_origin(world: World) -> None:
    with closing(httpx.Client(base_url=world.stack.api_url)) as api:
        refusal = api.get("/payments")
        preflight = api.options("/payments")

    for answer in (refusal, preflight):
        assert answer.headers["Access-Control-Allow-Origin"].startswith("http://127.0.0.1:")
    assert refusal.headers["Content-Type"] == "application/problem+json"
    assert preflight.headers["Access-Control-Allow-Headers"] == (
        "Authorization,Content-Type,Idempotency-Key"
    )
