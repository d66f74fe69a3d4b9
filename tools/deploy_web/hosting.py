"""Where a stage's app is served from."""

from collections.abc import Mapping
from dataclasses import dataclass

import boto3

from tools.stages import StageError, read_outputs


@dataclass(frozen=True)
class Hosting:
    """Where the app is served from, and what it has to know about its stage."""

    bucket: str
    distribution_id: str
    url: str
    config: Mapping[str, object]


def describe_hosting(
    session: boto3.session.Session, stack_name: str, shop: Mapping[str, object]
) -> Hosting:
    """Read it from the stack's outputs, beside what the merchant has decided.

    Raises:
        StageError: the stack cannot be read, or serves no app.
    """
    outputs = read_outputs(session, stack_name)
    if "WebBucketName" not in outputs:
        raise StageError(
            f"The stack {stack_name} serves no web app. Deploy it with WebHosting=cloudfront."
        )
    return Hosting(
        bucket=outputs["WebBucketName"],
        distribution_id=outputs["WebDistributionId"],
        url=outputs["WebUrl"],
        config={
            "api_url": "/v1",
            "region": outputs["UserPoolId"].partition("_")[0],
            "user_pool_id": outputs["UserPoolId"],
            "user_pool_client_id": outputs["UserPoolClientId"],
            "stripe_publishable_key": outputs["StripePublishableKey"],
            "shop": shop,
        },
    )
