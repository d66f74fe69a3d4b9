"""Steering of the cardholder and its bank: 3D Secure, expiry, disputes, refunds."""

import html
from typing import Literal
from urllib.parse import urlencode

from pydantic import Field, model_validator
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from stripe_simulator.errors import StripeError
from stripe_simulator.resources import (
    charges,
    confirmation,
    disputes,
    payment_methods,
    radar,
    refunds,
    setup_intents,
)
from stripe_simulator.simulator import Simulator
from stripe_simulator.state import StripeObject, copied
from stripe_simulator.steering.requests import Handler, Order, body_of


class _Answer(Order):
    outcome: Literal["succeed", "fail"]


class _Expiry(Order):
    exp_month: int = Field(ge=1, le=12)
    exp_year: int = Field(ge=1970, le=2999)


class _NewDispute(Order):
    """marks_charge: whether the charge of an inquiry says that it is disputed."""

    reason: str = "fraudulent"
    inquiry: bool = False
    amount: int | None = None
    marks_charge: bool = True


class _DisputeStatus(Order):
    status: Literal[
        "warning_needs_response",
        "warning_under_review",
        "warning_closed",
        "needs_response",
        "under_review",
        "won",
        "lost",
    ]


class _NewReview(Order):
    reason: Literal["rule", "manual"] = "manual"


class _ReviewNews(Order):
    closed_reason: Literal[radar.CLOSED_REASONS]  # type: ignore[valid-type]


class _NewWarning(Order):
    fraud_type: Literal[radar.FRAUD_TYPES] = "misc"  # type: ignore[valid-type]


class _HoldNews(Order):
    """capture_before: the deadline, a Unix time. expired: it has passed, and Stripe has canceled.

    Where the deadline has passed and Stripe has not canceled yet, nothing can be captured.
    """

    capture_before: int | None = Field(default=None, ge=0)
    expired: bool = False
    cancellation_reason: Literal["automatic", "expired"] = "automatic"


class _RefundNews(Order):
    status: Literal["pending", "requires_action", "succeeded", "failed", "canceled"] | None = None
    failure_reason: Literal[refunds.FAILURE_REASONS] | None = None  # type: ignore[valid-type]
    reference: str | None = None

    @model_validator(mode="after")
    def _check_content(self) -> "_RefundNews":
        if self.status is None and self.reference is None:
            raise ValueError("Give a status or a reference.")
        if self.failure_reason and self.status not in {"failed", "canceled"}:
            raise ValueError("Only a refund that failed or was canceled has a failure_reason.")
        return self


async def _answer_challenge(simulator: Simulator, request: Request) -> Response:
    answer = _Answer.model_validate(await body_of(request))
    succeeded = answer.outcome == "succeed"
    return JSONResponse(copied(_answered(simulator, request, succeeded=succeeded)))


def _answered(simulator: Simulator, request: Request, *, succeeded: bool) -> StripeObject:
    call = simulator.steering_call(request)
    intent_id = request.path_params["id"]
    challenge_id = request.path_params.get("challenge")
    if intent_id.startswith("seti_"):
        intent = call.account.setup_intents.find(intent_id)
        answer = setup_intents.answer_challenge
    else:
        intent = call.account.payment_intents.find(intent_id)
        answer = confirmation.answer_challenge
    return answer(call, intent, succeeded=succeeded, challenge_id=challenge_id)


async def _show_challenge(simulator: Simulator, request: Request) -> Response:
    intent_id, challenge = request.path_params["id"], request.path_params["challenge"]
    progress = simulator.account.progress.get(intent_id)
    if progress is None or progress.challenge != challenge:
        return HTMLResponse(_PAGE.format(content="<p>This challenge is no longer open.</p>"), 410)
    buttons = "".join(
        f'<button name="outcome" value="{outcome}">{label}</button> '
        for outcome, label in (("succeed", "Complete"), ("fail", "Fail"))
    )
    content = f'<p>{html.escape(intent_id)}</p><form method="post">{buttons}</form>'
    return HTMLResponse(_PAGE.format(content=content))


async def _answer_on_page(simulator: Simulator, request: Request) -> Response:
    answer = _Answer.model_validate(await body_of(request))
    intent_id = request.path_params["id"]
    intent = _answered(simulator, request, succeeded=answer.outcome == "succeed")
    return_url = simulator.account.progress[intent_id].return_url
    if not return_url:
        return HTMLResponse(_PAGE.format(content="<p>Done. You can close this page.</p>"))
    noun = intent["object"]
    query = urlencode(
        {
            noun: intent_id,
            f"{noun}_client_secret": intent["client_secret"],
            "redirect_status": "failed" if answer.outcome == "fail" else "succeeded",
        }
    )
    separator = "&" if "?" in return_url else "?"
    return RedirectResponse(f"{return_url}{separator}{query}", 303)


async def _move_hold(simulator: Simulator, request: Request) -> Response:
    news = _HoldNews.model_validate(await body_of(request))
    call = simulator.steering_call(request)
    intent = call.account.payment_intents.find(request.path_params["id"])
    if intent["status"] != "requires_capture":
        raise StripeError(f"Nothing is held: the status is {intent['status']}.", status=409)
    charge = call.account.charges[intent["latest_charge"]]
    if news.capture_before is not None:
        charges.set_capture_before(charge, news.capture_before)
    if news.expired:
        confirmation.expire_hold(call, intent, news.cancellation_reason)
    return JSONResponse(intent)


async def _age_payment_method(simulator: Simulator, request: Request) -> Response:
    expiry = _Expiry.model_validate(await body_of(request))
    payment_method = simulator.account.payment_methods.find(request.path_params["id"])
    before = copied(payment_method)
    payment_method["card"] |= expiry.model_dump()
    call = simulator.steering_call(request)
    payment_methods.emit_updated(call, payment_method, before, automatically=True)
    return JSONResponse(payment_method)


async def _settle_charge(simulator: Simulator, request: Request) -> Response:
    charge = simulator.account.charges.find(request.path_params["id"])
    charges.settle(simulator.steering_call(request), charge)
    return JSONResponse(charge)


async def _dispute_charge(simulator: Simulator, request: Request) -> Response:
    order = _NewDispute.model_validate(await body_of(request))
    charge = simulator.account.charges.find(request.path_params["id"])
    call = simulator.steering_call(request)
    dispute = disputes.open_dispute(
        call,
        charge,
        order.reason,
        inquiry=order.inquiry,
        amount=order.amount,
        marks_charge=order.marks_charge,
    )
    return JSONResponse(dispute, 201)


async def _move_dispute(simulator: Simulator, request: Request) -> Response:
    status = _DisputeStatus.model_validate(await body_of(request)).status
    dispute = simulator.account.disputes.find(request.path_params["id"])
    disputes.move(simulator.steering_call(request), dispute, status)
    return JSONResponse(dispute)


async def _review_charge(simulator: Simulator, request: Request) -> Response:
    order = _NewReview.model_validate(await body_of(request))
    charge = simulator.account.charges.find(request.path_params["id"])
    return JSONResponse(
        radar.open_review(simulator.steering_call(request), charge, order.reason), 201
    )


async def _close_review(simulator: Simulator, request: Request) -> Response:
    news = _ReviewNews.model_validate(await body_of(request))
    review = simulator.account.reviews.find(request.path_params["id"])
    radar.close_review(simulator.steering_call(request), review, news.closed_reason)
    return JSONResponse(review)


async def _warn_of_charge(simulator: Simulator, request: Request) -> Response:
    order = _NewWarning.model_validate(await body_of(request))
    charge = simulator.account.charges.find(request.path_params["id"])
    return JSONResponse(radar.warn(simulator.steering_call(request), charge, order.fraud_type), 201)


async def _move_refund(simulator: Simulator, request: Request) -> Response:
    news = _RefundNews.model_validate(await body_of(request))
    refund = simulator.account.refunds.find(request.path_params["id"])
    call = simulator.steering_call(request)
    if news.status:
        refunds.move(call, refund, news.status, news.failure_reason)
    if news.reference:
        refunds.name_reference(call, refund, news.reference)
    return JSONResponse(refund)


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>3D Secure (simulated)</title></head>
<body><main><h1>Confirm your payment</h1>{content}</main></body></html>"""

HANDLERS: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/payment_intents/{id}/next_action", _answer_challenge),
    ("POST", "/setup_intents/{id}/next_action", _answer_challenge),
    ("GET", "/three_d_secure/{id}/{challenge}", _show_challenge),
    ("POST", "/three_d_secure/{id}/{challenge}", _answer_on_page),
    ("POST", "/payment_intents/{id}/hold", _move_hold),
    ("POST", "/payment_methods/{id}", _age_payment_method),
    ("POST", "/charges/{id}/settle", _settle_charge),
    ("POST", "/charges/{id}/disputes", _dispute_charge),
    ("POST", "/disputes/{id}", _move_dispute),
    ("POST", "/charges/{id}/reviews", _review_charge),
    ("POST", "/reviews/{id}", _close_review),
    ("POST", "/charges/{id}/early_fraud_warnings", _warn_of_charge),
    ("POST", "/refunds/{id}", _move_refund),
)
