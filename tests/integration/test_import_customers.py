"""Imported customers: sign-up, import and first steps, in any order and at once."""

import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from payments import wiring
from payments.domain.errors import StripeUnavailableError
from payments.repositories.imports import ImportsRepository
from tests.integration.conftest import SECRET_KEY
from tests.support.api_client import ApiClient
from tests.support.aws import Aws
from tests.support.gateway import Gateway
from tests.support.simulator_client import Simulator
from tools.import_customers import __main__ as tool
from tools.import_customers.file import Line, read_lines
from tools.import_customers.importing import OUTCOMES, Importer
from tools.import_customers.report import report_beside, totals, write_report

VISA = "4242424242424242"
PASSWORD = "Analytical-Engine-1843"
EMAIL = "ada@example.com"


@pytest.fixture(autouse=True)
def _nobody(aws: Aws) -> Iterator[None]:
    aws.forget_people()
    yield
    aws.forget_people()


def an_importer(*, apply: bool = True, **changes: Any) -> Importer:
    imports = wiring.imports()
    assert imports
    return Importer(
        **{
            "apply": apply,
            "pool": wiring.pool_administration(),
            "stripe": wiring.stripe_gateway(),
            "customers": wiring.customers(),
            "imports": imports,
            "let_sign_ups_end": lambda: None,
            **changes,
        }
    )


def import_them(*customers: str, **changes: Any) -> list[str]:
    """What becomes of each customer; a text with a comma has the address, too."""
    lines = [Line(number, *each.split(",")) for number, each in enumerate(customers, start=2)]
    return [each.outcome for each in an_importer(**changes).run(lambda: lines)]


def sign_up(email: str = EMAIL) -> str:
    answer = ApiClient(Gateway(None)).signup(email=email, password=PASSWORD, name="Ada Lovelace")
    assert answer.status == 201
    return str(answer.body["user_id"])


def person(user_id: str, email: str = EMAIL, verified: object = "true") -> ApiClient:
    """Somebody who is logged in."""
    claims: dict[str, Any] = {"sub": user_id, "email": email, "name": "Ada Lovelace"}
    return ApiClient(Gateway(claims | {"email_verified": verified}))


def somebody(aws: Aws, email: str = EMAIL) -> tuple[str, ApiClient]:
    """Somebody who has signed up and proved to have the address."""
    user_id = sign_up(email)
    aws.confirm(user_id)
    return user_id, person(user_id, email)


def customer_of(aws: Aws, user_id: str) -> str | None:
    rows = [row for row in aws.rows("CustomersTable") if row["user_id"] == user_id]
    return str(rows[0]["stripe_customer_id"]) if rows else None


def alive(stripe: Simulator) -> dict[str, str | None]:
    """Whose each Customer at Stripe is."""
    customers = stripe.listed(SECRET_KEY, "/v1/customers")
    return {each["id"]: each["metadata"].get("user_id") for each in customers}


# In order


def test_somebody_who_signs_up_later_has_the_imported_customer_with_its_cards(
    aws: Aws, stripe: Simulator
) -> None:
    customer = stripe.create_customer(SECRET_KEY, email="Ada@Example.com", name="A. L.")
    card = stripe.payment_method(VISA)
    stripe.post(SECRET_KEY, f"/v1/payment_methods/{card}/attach", customer=customer)
    assert import_them(customer) == ["waiting"]

    user_id, ada = somebody(aws)
    assert customer_of(aws, user_id) is None
    cards = ada.cards().body["data"]

    assert [each["payment_method_id"] for each in cards] == [card]
    assert customer_of(aws, user_id) == customer
    assert alive(stripe) == {customer: user_id}
    paid = ada.create(product_id="coffee", payment_method_id=card)
    assert paid.status == 201


def test_somebody_who_is_here_already_gets_it_at_once(aws: Aws, stripe: Simulator) -> None:
    customer = stripe.create_customer(SECRET_KEY, email=EMAIL)
    user_id, _ = somebody(aws)
    assert len(alive(stripe)) == 2

    assert import_them(customer) == ["linked"]

    assert customer_of(aws, user_id) == customer
    assert alive(stripe) == {customer: user_id}
    assert import_them(customer) == ["already"]


@pytest.mark.parametrize("verified", ["false", False, None, "no"])
def test_an_address_that_is_not_proved_claims_nothing(
    aws: Aws, stripe: Simulator, verified: object
) -> None:
    customer = stripe.create_customer(SECRET_KEY, email=EMAIL)
    import_them(customer)
    user_id = str(uuid.uuid4())

    assert person(user_id, verified=verified).cards().status == 200

    assert customer_of(aws, user_id) not in {None, customer}
    assert alive(stripe)[customer] is None


@pytest.mark.parametrize("verified", ["true", True])
def test_the_claim_of_the_token_may_be_text_or_not(
    aws: Aws, stripe: Simulator, verified: object
) -> None:
    customer = stripe.create_customer(SECRET_KEY, email=EMAIL)
    import_them(customer)
    user_id = str(uuid.uuid4())

    assert person(user_id, verified=verified).cards().status == 200

    assert customer_of(aws, user_id) == customer


def test_somebody_who_has_not_confirmed_yet_claims_it_afterwards(
    aws: Aws, stripe: Simulator
) -> None:
    customer = stripe.create_customer(SECRET_KEY, email=EMAIL)
    user_id = sign_up()  # before the import, so with a customer

    assert import_them(customer) == ["waiting"]
    assert alive(stripe) == {customer: None}
    aws.confirm(user_id)
    assert person(user_id).set_up_card().status == 201

    assert customer_of(aws, user_id) == customer
    assert alive(stripe) == {customer: user_id}


def test_a_customer_that_was_used_is_not_replaced(aws: Aws, stripe: Simulator) -> None:
    user_id, ada = somebody(aws)
    ada.attached(stripe.payment_method(VISA))
    own = customer_of(aws, user_id)
    customer = stripe.create_customer(SECRET_KEY, email=EMAIL)

    assert import_them(customer) == ["has_another"]

    assert customer_of(aws, user_id) == own
    assert alive(stripe) == {customer: None, own: user_id}
    assert aws.rows("ImportsTable") == []


def test_somebody_whose_account_is_being_deleted_gets_none(aws: Aws, stripe: Simulator) -> None:
    user_id, _ = somebody(aws)
    claims = {"sub": user_id, "email": EMAIL, "name": "Ada", "auth_time": "4000000000"}
    assert ApiClient(Gateway(claims)).delete_account().status == 202
    customer = stripe.create_customer(SECRET_KEY, email=EMAIL)

    assert import_them(customer) == ["being_deleted"]

    assert aws.rows("ImportsTable") == []


def test_after_an_erasure_the_address_claims_nothing_of_the_earlier_person(
    aws: Aws, stripe: Simulator
) -> None:
    customer = stripe.create_customer(SECRET_KEY, email=EMAIL)
    import_them(customer)
    user_id, ada = somebody(aws)
    ada.cards()
    claims = {"sub": user_id, "email": EMAIL, "name": "Ada", "auth_time": "4000000000"}
    assert ApiClient(Gateway(claims)).delete_account().status == 202
    from tests.support import gateway  # noqa: PLC0415

    assert gateway.run("erase_accounts", {"older_than_days": 0})["erased"] == 1
    assert alive(stripe) == {}

    other_id, other = somebody(aws)
    assert other.cards().body["data"] == []
    assert other_id != user_id
    assert customer_of(aws, other_id) not in {None, customer}


def test_the_row_of_an_import_has_no_address_and_expires_once_it_is_claimed(
    aws: Aws, stripe: Simulator
) -> None:
    customer = stripe.create_customer(SECRET_KEY, email=EMAIL)
    import_them(customer)
    (waiting,) = aws.rows("ImportsTable")
    assert "expires_at" not in waiting
    assert waiting["livemode"] is False
    assert waiting["account_id"].startswith("acct_")

    user_id, ada = somebody(aws)
    ada.cards()

    (claimed,) = aws.rows("ImportsTable")
    assert claimed["claimed_by"] == user_id
    assert claimed["expires_at"] > 0
    assert EMAIL not in str(claimed)


# What is refused


def test_two_customers_with_one_address_are_both_skipped(aws: Aws, stripe: Simulator) -> None:
    one = stripe.create_customer(SECRET_KEY, email="Ada@example.com")
    other = stripe.create_customer(SECRET_KEY, email="ada@EXAMPLE.com")
    lonely = stripe.create_customer(SECRET_KEY, email="bob@example.com")

    assert import_them(one, other, lonely) == ["ambiguous", "ambiguous", "waiting"]
    assert import_them(one) == ["ambiguous"]  # the other one is at Stripe, not in the file

    assert len(aws.rows("ImportsTable")) == 1


def test_addresses_in_the_file_that_look_alike_are_ambiguous(stripe: Simulator) -> None:
    one = stripe.create_customer(SECRET_KEY, email="kim@example.com")
    other = stripe.create_customer(SECRET_KEY, email="bob@example.com")

    outcomes = import_them(f"{one},kim@example.com", f"{other},\u212aIM@example.com")

    assert outcomes == ["ambiguous", "email_differs"]


def test_what_cannot_be_imported_is_told_and_why(aws: Aws, stripe: Simulator) -> None:
    deleted = stripe.create_customer(SECRET_KEY, email="deleted@example.com")
    stripe.delete(SECRET_KEY, f"/v1/customers/{deleted}")
    taken = stripe.create_customer(
        SECRET_KEY, email="taken@example.com", **{"metadata[user_id]": "somebody"}
    )
    silent = stripe.create_customer(SECRET_KEY)
    other = stripe.create_customer(SECRET_KEY, email="other@example.com")
    good = stripe.create_customer(SECRET_KEY, email="good@example.com")

    outcomes = import_them(
        deleted,
        "cus_live",
        taken,
        silent,
        f"{other},wrong@example.com",
        good,
        good,
        "cus_x",
        "42",
        "",
    )

    assert outcomes == [
        "deleted",
        "not_found",
        "belongs_to_somebody_else",
        "no_email",
        "email_differs",
        "waiting",
        "repeated",
        "not_found",
        "malformed",
        "malformed",
    ]
    assert [row["stripe_customer_id"] for row in aws.rows("ImportsTable")] == [good]
    assert set(outcomes) <= OUTCOMES.keys()


def test_a_customer_that_nobody_could_claim_any_more_makes_room(
    aws: Aws, stripe: Simulator
) -> None:
    first = stripe.create_customer(SECRET_KEY, email=EMAIL)
    import_them(first)
    stripe.post(SECRET_KEY, f"/v1/customers/{first}", email="new@example.com")
    second = stripe.create_customer(SECRET_KEY, email=EMAIL)

    assert import_them(second) == ["waiting"]

    assert [row["stripe_customer_id"] for row in aws.rows("ImportsTable")] == [second]


# A dry run, and a run that stops


def test_a_dry_run_says_the_same_and_changes_nothing(aws: Aws, stripe: Simulator) -> None:
    user_id, _ = somebody(aws)
    linked = stripe.create_customer(SECRET_KEY, email=EMAIL)
    waiting = stripe.create_customer(SECRET_KEY, email="bob@example.com")
    before = aws.rows("CustomersTable"), alive(stripe)
    calls = len(stripe.calls())

    assert import_them(linked, waiting, apply=False) == ["linked", "waiting"]

    assert (aws.rows("CustomersTable"), alive(stripe)) == before
    assert aws.rows("ImportsTable") == []
    assert {each["method"] for each in stripe.calls()[calls:]} == {"GET"}
    assert import_them(linked, waiting) == ["linked", "waiting"]
    assert customer_of(aws, user_id) == linked


def test_a_run_that_stops_goes_on_where_it_stopped(aws: Aws, stripe: Simulator) -> None:
    customers = [
        stripe.create_customer(SECRET_KEY, email=f"{name}@example.com") for name in ("a", "b", "c")
    ]
    lines = [Line(number, each) for number, each in enumerate(customers, start=2)]
    run = an_importer().run(lambda: lines)
    assert [next(run).outcome, next(run).outcome] == ["waiting", "waiting"]
    del run  # killed

    assert import_them(*customers) == ["already", "already", "waiting"]
    assert len(aws.rows("ImportsTable")) == 3


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_link_that_stops_anywhere_is_finished_by_the_next_run(
    aws: Aws, stripe: Simulator, lost: int
) -> None:
    user_id, _ = somebody(aws)
    customer = stripe.create_customer(SECRET_KEY, email=EMAIL)
    for method, path in [
        ("DELETE", "/v1/customers/*"),
        ("POST", "/v1/customers/*"),
        ("GET", "/v1/customers/search"),
    ][lost - 1 : lost]:
        stripe.fault(method, path, "timeout_after", times=3)
    with pytest.raises(StripeUnavailableError):
        import_them(customer)

    assert import_them(customer) == ["linked"]
    assert customer_of(aws, user_id) == customer
    assert alive(stripe) == {customer: user_id}


def test_the_account_is_read_in_pages(aws: Aws, stripe: Simulator) -> None:
    customers = [
        stripe.create_customer(SECRET_KEY, email=f"person{number}@example.com")
        for number in range(250)
    ]
    before = len(stripe.calls())

    assert import_them(*customers, apply=False) == ["waiting"] * 250

    assert len(stripe.calls()) - before == 3
    assert aws.rows("ImportsTable") == []


# At once


def test_a_sign_up_that_looked_before_the_import_is_found_by_its_second_look(
    aws: Aws, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = stripe.create_customer(SECRET_KEY, email=EMAIL)
    find = ImportsRepository.find
    looked, imported = threading.Event(), threading.Event()
    sign_up_thread: list[int] = []

    def find_and_wait(self: ImportsRepository, email: str) -> Any:
        found = find(self, email)
        if threading.get_ident() in sign_up_thread:
            looked.set()
            assert imported.wait(30)
        return found

    monkeypatch.setattr(ImportsRepository, "find", find_and_wait)

    def signs_up() -> str:
        sign_up_thread.append(threading.get_ident())
        return sign_up()

    with ThreadPoolExecutor() as threads:
        signing_up = threads.submit(signs_up)
        assert looked.wait(30)

        def let_sign_ups_end() -> None:
            imported.set()
            signing_up.result()

        assert import_them(customer, let_sign_ups_end=let_sign_ups_end) == ["waiting"]
    user_id = signing_up.result()

    aws.confirm(user_id)
    assert person(user_id).cards().status == 200
    assert customer_of(aws, user_id) == customer
    assert alive(stripe) == {customer: user_id}


@pytest.mark.parametrize("seed", range(4))
def test_first_steps_and_an_import_at_once_leave_one_customer(
    aws: Aws, stripe: Simulator, seed: int
) -> None:
    customer = stripe.create_customer(SECRET_KEY, email=EMAIL)
    user_id, _ = somebody(aws)
    if seed % 2:
        aws.remove_customer(user_id)  # their sign-up was cut off before the row
    barrier = threading.Barrier(4)

    def at_once(action: Callable[[], Any]) -> Any:
        barrier.wait(30)
        return action()

    with ThreadPoolExecutor(4) as threads:
        steps = [
            threads.submit(at_once, lambda: person(user_id).set_up_card()),
            threads.submit(at_once, lambda: person(user_id).cards()),
            threads.submit(at_once, lambda: person(user_id).cards()),
        ]
        importing = threads.submit(at_once, lambda: import_them(customer))
        for step in steps:
            assert step.result().status in {200, 201, 503}
        importing.result()

    assert person(user_id).cards().status == 200
    import_them(customer)
    assert person(user_id).cards().status == 200
    owned = [each for each, owner in alive(stripe).items() if owner == user_id]
    assert owned == [customer_of(aws, user_id)]


def test_two_people_never_get_one_customer(aws: Aws, stripe: Simulator) -> None:
    customer = stripe.create_customer(SECRET_KEY, email=EMAIL)
    import_them(customer)
    people = [str(uuid.uuid4()) for _ in range(4)]
    barrier = threading.Barrier(len(people))

    def first_step(user_id: str) -> int:
        barrier.wait(30)
        return person(user_id).cards().status

    with ThreadPoolExecutor(len(people)) as threads:
        assert list(threads.map(first_step, people)) == [200] * len(people)

    owners = [user_id for user_id in people if customer_of(aws, user_id) == customer]
    assert len(owners) == 1
    assert len({customer_of(aws, user_id) for user_id in people}) == len(people)


# The command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "customers.csv"


def command(monkeypatch: pytest.MonkeyPatch, file: Path, **variables: str) -> int:
    monkeypatch.setattr(tool, "function_environment", lambda *_, **__: {})
    return tool.main({"FILE": str(file), **variables})


def test_the_command_shows_what_it_would_do_and_then_does_it(
    aws: Aws,
    stripe: Simulator,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    customer = stripe.create_customer(SECRET_KEY, email=EMAIL)
    file.write_text(f"\ufeffid,Email,Name\n{customer},{EMAIL},Ada\ncus_x,,\n", encoding="utf-8")

    assert command(monkeypatch, file) == 0
    shown = capsys.readouterr().out
    assert "1 waiting:" in shown
    assert "1 not_found:" in shown
    assert "Nothing was changed" in shown
    assert aws.rows("ImportsTable") == []

    monkeypatch.setattr("tools.import_customers.importing.time.sleep", lambda _: None)
    assert command(monkeypatch, file, APPLY="1") == 0
    assert len(aws.rows("ImportsTable")) == 1
    report = (file.parent / "customers.report.csv").read_text()
    assert report.splitlines() == [
        "line,id,outcome,explanation",
        f"2,{customer},waiting,{OUTCOMES['waiting']}",
        f"3,cus_x,not_found,{OUTCOMES['not_found']}",
    ]
    assert EMAIL not in report
    assert "Nothing was changed" not in capsys.readouterr().out


def test_it_is_refused_whole_where_people_do_not_prove_their_address(
    stripe: Simulator,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file.write_text("id\ncus_x\n")
    monkeypatch.setattr(wiring, "imports", lambda: None)

    assert command(monkeypatch, file, APPLY="1") == 1

    assert "EmailVerification is off" in capsys.readouterr().err
    assert stripe.calls() == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"customer,email\ncus_1,a@b.c\n", "no column named id"),
        (b"", "no column named id"),
        (b"id\n\xff\n", "not a CSV in UTF-8"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    said: str,
) -> None:
    file.write_bytes(content)
    assert command(monkeypatch, file) == 1
    assert said in capsys.readouterr().err


def test_what_is_missing_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.main({}) == 1
    assert command(monkeypatch, file) == 1
    assert command(monkeypatch, file, APPLY="yes") == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("Name the customers: ")
    assert said[1].endswith("could not be read: No such file or directory.")
    assert said[2] == "APPLY is 1 or nothing, not yes."


def test_a_row_that_came_out_otherwise_counts_once(file: Path) -> None:
    from tools.import_customers.importing import Outcome  # noqa: PLC0415

    outcomes = [Outcome(Line(2, "cus_1"), "waiting"), Outcome(Line(2, "cus_1"), "linked")]
    counts = write_report(report_beside(file), outcomes)
    assert [line.split(":")[0].strip() for line in totals(counts)] == ["1 linked"]


def test_a_short_row_has_no_address(file: Path) -> None:
    file.write_text('Email,id\n"a@b.c",cus_1\n,cus_2\n"x"\n')
    lines = [(each.number, each.stripe_customer_id, each.email) for each in read_lines(file)]
    assert lines == [(2, "cus_1", "a@b.c"), (3, "cus_2", ""), (4, "", "x")]
