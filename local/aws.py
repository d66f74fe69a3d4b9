"""Clients for the emulated AWS, independent of the person's own AWS settings."""

from functools import partial

import boto3
import botocore.session

from local.emulator import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY


def session(endpoint_url: str) -> boto3.session.Session:
    """Return a session whose clients and resources go to the emulator at this address."""
    # AWS_PROFILE may name a profile that does not exist on this machine.
    without_profile = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    emulated = boto3.session.Session(
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
        region_name=REGION,
        botocore_session=without_profile,
    )
    # Set it here, not at each call, where forgetting it would mean a call to the cloud.
    emulated.client = partial(emulated.client, endpoint_url=endpoint_url)  # type: ignore[method-assign]
    emulated.resource = partial(emulated.resource, endpoint_url=endpoint_url)  # type: ignore[assignment, method-assign]
    return emulated
