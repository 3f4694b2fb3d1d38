"""The WebSocket protocol as an AsyncAPI 3.0 document, made of the message types, and its page at /api/docs/ws."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from sessions.protocol import inbound, outbound
from sessions.protocol.errors import RECOVERABLE

#: What each close code means to a client. Ours first, then those of RFC 6455 that clients see.
CLOSE_CODES: dict[int, str] = {
    outbound.CLOSE_SUPERSEDED: "The same player connected elsewhere. Do not reconnect.",
    outbound.CLOSE_REMOVED: "The host removed the player. Do not reconnect.",
    outbound.CLOSE_SLOW: "The client did not take what was sent to it. Reconnect.",
    outbound.CLOSE_RATE: "The client kept on after RATE_LIMITED. Do not reconnect.",
    outbound.CLOSE_TOO_LARGE: "A message was larger than WS_MAX_MESSAGE_BYTES. Do not send it again.",
    outbound.CLOSE_RESTART: "The server restarts. Reconnect.",
    outbound.CLOSE_OVERLOAD: "The server is at capacity. Reconnect later.",
}


def sent() -> list[type[outbound.Outbound]]:
    """The types the server sends."""
    return sorted(outbound.Outbound.__subclasses__(), key=lambda struct: struct.type)


def document() -> dict[str, Any]:
    """The AsyncAPI document."""
    structs: list[Any] = [
        *inbound.TYPES.values(),
        *sent(),
        outbound.ClosedForYou,
        outbound.ClosingForYou,
        outbound.RegradedForYou,
        outbound.Own,
        outbound.OptionsForYou,
    ]
    _schemas, components = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    messages: dict[str, Any] = {}
    for name, struct in inbound.TYPES.items():
        messages[name] = _message(name, struct, _envelope(name, {"$ref": f"#/components/schemas/{struct.__name__}"}))
    for kind in sent():
        messages[kind.type] = _message(kind.type, kind, _envelope(kind.type, _payload(kind), outgoing=True))
        messages[kind.type]["x-delivery"] = kind.delivery
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Quiz server: WebSocket",
            "version": "1",
            "description": "Players, screens and hosts in a live session. docs/protocol.md tells the rules in words.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "session": {
                "address": "/ws",
                "title": "A client's connection",
                "bindings": {
                    "ws": {
                        "method": "GET",
                        "query": {
                            "type": "object",
                            "properties": {
                                "user_id": {"type": "string", "pattern": "^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,36}$"}
                            },
                        },
                    }
                },
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "receive": _operation("receive", "What clients send.", list(inbound.TYPES)),
            "send": _operation("send", "What the server sends.", [kind.type for kind in sent()]),
        },
        "components": {"messages": messages, "schemas": components},
        "x-error-codes": [{"code": code, "recoverable": RECOVERABLE[code]} for code in sorted(RECOVERABLE)],
        "x-close-codes": [{"code": code, "meaning": CLOSE_CODES[code]} for code in sorted(CLOSE_CODES)],
    }


def _payload(kind: type[outbound.Outbound]) -> dict[str, Any]:
    own = {
        outbound.QuestionOpened: "OptionsForYou",
        outbound.QuestionClosed: "ClosedForYou",
        outbound.AnswersRegraded: "RegradedForYou",
        outbound.ClosingChanged: "ClosingForYou",
        outbound.LeaderboardUpdated: "Own",
        outbound.SessionEnded: "Own",
    }
    schema = {"$ref": f"#/components/schemas/{kind.__name__}"}
    # To a player these have fields of the player's own beside those for everybody.
    return (
        {"anyOf": [schema, {"allOf": [schema, {"$ref": f"#/components/schemas/{own[kind]}"}]}]}
        if kind in own
        else schema
    )


def _envelope(name: str, payload: dict[str, Any], *, outgoing: bool = False) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "type": {"const": name},
        "payload": payload,
        "timestamp": {"type": "string", "format": "date-time"},
        "message_id": {"type": "string", "maxLength": 100},
    }
    if outgoing:
        properties["seq"] = {"type": "integer", "description": "Of session events; grows by one with each."}
        properties["reply_to"] = {"type": "string", "description": "The message_id of the message this answers."}
    required = ["type", "payload", "timestamp", "message_id"] if outgoing else ["type"]
    return {"type": "object", "properties": properties, "required": required}


def _message(name: str, struct: type, payload: dict[str, Any]) -> dict[str, Any]:
    text = inspect.getdoc(struct) or ""
    return {"name": name, "title": name, "summary": text.split("\n\n")[0].replace("\n", " "), "payload": payload}


def _operation(action: str, summary: str, names: list[str]) -> dict[str, Any]:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/session"},
        "messages": [{"$ref": f"#/channels/session/messages/{name}"} for name in names],
    }


def _fields(struct: type) -> list[dict[str, Any]]:
    schema = msgspec.json.schema_components([struct])[1][struct.__name__]
    required = set(schema.get("required", ()))
    return [
        {"name": name, "type": _type_text(field), "required": name in required, "default": field.get("default")}
        for name, field in schema["properties"].items()
    ]


def _type_text(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_type_text(choice) for choice in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {_type_text(schema.get('items', {}))}"
    bounds = [
        f"{word} {schema[key]}"
        for key, word in (("minimum", "from"), ("maximum", "to"), ("maxLength", "up to"))
        if key in schema
    ]
    return " ".join([kind, *bounds])


def page(request: HttpRequest) -> HttpResponse:
    """The document for people: no script, nothing from elsewhere."""
    messages = document()["components"]["messages"]
    context = {
        "received": [{**messages[name], "fields": _fields(struct)} for name, struct in inbound.TYPES.items()],
        "sent": [{**messages[kind.type], "delivery": kind.delivery, "fields": _fields(kind)} for kind in sent()],
        "types": [
            {"name": struct.__name__, "summary": inspect.getdoc(struct), "fields": _fields(struct)}
            for struct in (
                outbound.BoardEntry,
                outbound.OptionsForYou,
                outbound.ClosedForYou,
                outbound.ClosingForYou,
                outbound.RegradedForYou,
                outbound.Own,
                outbound.StoredResult,
            )
        ],
        "errors": sorted(RECOVERABLE.items()),
        "closes": sorted(CLOSE_CODES.items()),
    }
    return render(request, "asyncapi.html", context)


def schema(request: HttpRequest) -> JsonResponse:
    """The document for machines."""
    return JsonResponse(document())
