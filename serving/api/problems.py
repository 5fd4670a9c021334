"""The problems an endpoint may answer with, for its OpenAPI description."""

from __future__ import annotations

from typing import Any

from serving.api.schema import ProblemSchema

MEDIA_TYPE = "application/problem+json"
MEANINGS = {
    400: "The body cannot be read",
    401: "No token, or one that is not believed",
    403: "The token does not reach this",
    404: "No such subject or item",
    409: "The same id was sent before with another body",
    413: "The body is larger than allowed",
    408: "The body did not arrive in time",
    414: "The address is longer than allowed",
    421: "The request is addressed to another host",
    422: "The request breaks the contract",
    429: "More requests than allowed; Retry-After says when there is room",
    503: "The server, or a store it reads, is not ready",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an endpoint; what every endpoint may answer is among them."""
    schema = {"$ref": f"#/components/schemas/{ProblemSchema.__name__}"}
    return {
        status: {"description": MEANINGS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in (*statuses, 401, 403, *((408,) if 413 in statuses else ()), 414, 421, 422, 429, 503)
    }
