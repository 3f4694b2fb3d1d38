"""Nothing that operators and clients meet is undocumented."""

from __future__ import annotations

import ast
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

from common.config import Config
from quizserver.generated_docs import own_metrics
from sessions.protocol import inbound, outbound
from sessions.protocol.errors import RECOVERABLE
from sessions.rest import asyncapi
from tests.support.serving import ROOT

PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()


def test_the_generated_documents_are_fresh() -> None:
    call_command("document", check=True)


@pytest.mark.parametrize("name", list(Config.model_fields))
def test_every_setting_says_what_it_means(name: str) -> None:
    field = Config.model_fields[name]
    assert field.description
    assert len(field.description) > 10
    if field.annotation in (int, float) and any(getattr(bound, "ge", None) == 0 for bound in field.metadata):
        assert re.search(r"\b0: |zero", field.description), "it does not say what zero means"
    assert f"| `{name.upper()}` |" in (ROOT / "docs" / "settings.md").read_text()


def test_every_metric_says_what_it_means() -> None:
    text = (ROOT / "docs" / "metrics.md").read_text()
    assert len(own_metrics()) > 40
    for name, _kind, meaning, _labels in own_metrics():
        assert len(meaning) > 10
        assert f"| `{name}` |" in text


@pytest.mark.parametrize("name", [*inbound.TYPES, *(kind.type for kind in asyncapi.sent()), *RECOVERABLE])
def test_every_message_and_error_code_is_in_the_protocol(name: str) -> None:
    assert f"`{name}`" in PROTOCOL


def test_the_recoverable_errors_are_told_right() -> None:
    for code, recoverable in RECOVERABLE.items():
        assert f"| `{code}` | {'yes' if recoverable else 'no'} |" in PROTOCOL


def test_every_close_code_is_in_the_protocol_and_on_the_page() -> None:
    codes = {value for name, value in vars(outbound).items() if name.startswith("CLOSE_")}
    assert codes == set(asyncapi.CLOSE_CODES)
    for code in codes:
        assert f"\n| {code} |" in PROTOCOL


def test_every_sentence_about_security_has_its_test() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "security.md").read_text()))
    assert len(named) > 20
    there = {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert named <= there, named - there


def test_the_asyncapi_document_has_every_message_once_and_no_loose_end() -> None:
    document = asyncapi.document()
    messages = document["components"]["messages"]
    assert set(messages) == {*inbound.TYPES, *(kind.type for kind in asyncapi.sent())}
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)):
        found: Any = document
        for part in reference.split("/"):
            found = found[part]
    for message in messages.values():
        Draft202012Validator.check_schema(message["payload"])


def test_the_page_is_whole_and_asks_nobody_else(client: Client) -> None:
    answer = client.get("/api/docs/ws")
    assert answer.status_code == 200
    for name in (*inbound.TYPES, *(kind.type for kind in asyncapi.sent()), *RECOVERABLE):
        assert f"<code>{name}</code>" in answer.text

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag != "script"
            for name, value in attrs:
                if name in ("src", "href"):
                    assert value is not None
                    assert value.startswith(("/", "#"))
                    assert not value.startswith("//")

    Links().feed(answer.text)
    assert "'unsafe-inline'" in answer.headers["Content-Security-Policy"]  # for the page's own style
    assert client.get("/api/docs/ws.json").json()["asyncapi"] == "3.0.0"
