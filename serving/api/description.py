"""The OpenAPI description, with the problems that every endpoint may answer."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from serving.api.schema import ProblemSchema


def describe(app: FastAPI) -> None:
    """Let the application's description hold the problem schema that its responses refer to."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        description = plain()
        schemas = description["components"]["schemas"]
        if ProblemSchema.__name__ not in schemas:
            problem = ProblemSchema.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(problem.pop("$defs"))
            schemas[ProblemSchema.__name__] = problem
        return description

    app.openapi = described  # type: ignore[method-assign]
