"""Events as API Gateway's REST API makes them of requests."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

type Event = dict[str, Any]


def rest_event(
    method: str,
    resource: str,
    *,
    body: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
    claims: Mapping[str, str] | None = None,
    **path_parameters: str,
) -> Event:
    """The event of one request."""
    path = resource.format(**path_parameters)
    sent = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Host": "abcdefghij.execute-api.us-east-1.amazonaws.com",
        "Origin": "http://localhost:5173",
        "User-Agent": "Mozilla/5.0",
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        **(headers or {}),
    }
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": path_parameters or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdefghij",
            "resourcePath": resource,
            "httpMethod": method,
            "path": f"/v1{path}",
            "protocol": "HTTP/1.1",
            "stage": "v1",
            "requestId": str(uuid.uuid4()),
            "identity": {"sourceIp": "203.0.113.7", "userAgent": "Mozilla/5.0"},
            "authorizer": {"claims": dict(claims)} if claims else None,
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }
