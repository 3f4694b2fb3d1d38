"""The OpenAPI schema is valid, complete, and served."""

from __future__ import annotations

import io

import yaml
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from tests.support.live_server import LiveServer
from tests.wire.sessions.rest.test_sessions_rest import CALLS


def test_the_schema_is_valid_without_a_warning() -> None:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    paths = yaml.safe_load(out.getvalue())["paths"]
    for method, path in CALLS:
        stem = path.replace("/ann", "/{user_id}").replace("/q2/", "/{question_id}/")
        commands = {"/start", "/next", "/close-question", "/pause", "/resume", "/end", "/lock", "/unlock"}
        known = paths["/api/v1/sessions/{session_id}" + ("/{command}" if stem in commands else stem)]
        assert method.lower() in known, (method, path)


def test_every_operation_has_a_summary_of_its_own_and_a_group_that_is_described() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    operations = [operation for methods in schema["paths"].values() for operation in methods.values()]
    summaries = [operation.get("summary") for operation in operations]
    assert all(summaries)
    assert len(set(summaries)) == len(summaries)
    assert {tag for operation in operations for tag in operation["tags"]} == {tag["name"] for tag in schema["tags"]}


def test_the_schema_and_its_pages_are_served_to_everybody(server: LiveServer) -> None:
    assert server.rest("GET", "/api/schema/", key=None).status == 200
    assert b"swagger" in server.rest("GET", "/api/docs/", key=None).data.lower()
