"""The deployed distribution's security headers, adapted to this machine."""

import re
from contextlib import ExitStack, closing

from local.aws import session
from local.state import Stack

_STRIPE = re.compile(r"https://[\w.*-]*\bstripe\.com")
_COGNITO = re.compile(r"https://cognito-idp\.[\w.-]+")


def site_headers(stack: Stack) -> dict[str, str]:
    """Return the headers, with the local stand-ins for Stripe and Cognito in their places.

    A build that works with them loads nothing that the real policy would refuse.
    """
    with ExitStack() as cleanup:
        aws = session(stack.aws_endpoint_url)
        cloudformation = cleanup.enter_context(closing(aws.client("cloudformation")))
        cloudfront = cleanup.enter_context(closing(aws.client("cloudfront")))
        policy_id = cloudformation.describe_stack_resource(
            StackName=stack.stack_name, LogicalResourceId="WebHeaders"
        )["StackResourceDetail"]["PhysicalResourceId"]
        policy = cloudfront.get_response_headers_policy(Id=policy_id)["ResponseHeadersPolicy"]
    headers = policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    return {
        "Content-Security-Policy": fit_for_this_machine(
            headers["ContentSecurityPolicy"]["ContentSecurityPolicy"], stack
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": headers["FrameOptions"]["FrameOption"],
        "Referrer-Policy": headers["ReferrerPolicy"]["ReferrerPolicy"],
    }


def fit_for_this_machine(policy: str, stack: Stack) -> str:
    """Return a content security policy that allows the emulator and, if used, the simulator."""
    if stack.simulated_stripe:
        policy = _STRIPE.sub(stack.stripe_api_url, policy)
    policy = _COGNITO.sub(stack.aws_endpoint_url, policy)
    directives = (dict.fromkeys(directive.split()) for directive in policy.split(";"))
    return "; ".join(map(" ".join, directives))
