"""Cognito's trigger PreTokenGeneration: what a token of staff says of a one-time code."""

from typing import Any

from payments import wiring
from payments.domain.token import STAFF_GROUPS

# Everybody's log-in and every renewal waits for this function: only staff need more than this.
wiring.prepare()


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer within five seconds: Cognito waits no longer, and then issues no token."""
    groups = event["request"].get("groupConfiguration", {}).get("groupsToOverride") or ()
    if STAFF_GROUPS & set(groups):
        from payments import deadline  # noqa: PLC0415
        from payments.use_cases.mark_one_time_code import mark_one_time_code  # noqa: PLC0415

        with deadline.of_invocation(context):
            said = mark_one_time_code(
                event["request"]["userAttributes"]["sub"],
                logs_in=event["triggerSource"] == "TokenGeneration_Authentication",
                pool=wiring.pool_administration(event["userPoolId"]),
                customers=wiring.customers(),
            )
        if said:
            claims = {"claimsToAddOrOverride": {"one_time_code": said}}
            event["response"]["claimsOverrideDetails"] = claims
    return event
