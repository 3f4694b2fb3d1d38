"""The types of the protocol's messages as the pages' scripts see them: JSDoc, made of the AsyncAPI document."""

from __future__ import annotations

from typing import Any

from sessions.protocol import inbound
from sessions.rest.asyncapi import document

_HEAD = """\
// The messages of the protocol as types. Made by `manage.py document`; change the code, not this file.
// There is nothing in it but types: no browser loads it.
"""


def message_types() -> str:
    """A module of type definitions: every payload, and all of them by the type of their message."""
    components = document()["components"]
    parts = [_HEAD, *(_typedef(name, _object(schema)) for name, schema in sorted(components["schemas"].items()))]
    payloads = {name: message["payload"]["properties"]["payload"] for name, message in components["messages"].items()}
    received = {name: _type(payload) for name, payload in payloads.items() if name in inbound.TYPES}
    sent = {name: _type(payload) for name, payload in payloads.items() if name not in inbound.TYPES}
    parts.append(_typedef("FromClient", _members(received), "What clients send, by type."))
    parts.append(_typedef("FromServer", _members(sent), "What the server sends, by type."))
    return "\n".join([*parts, "export {};\n"])


def _typedef(name: str, type_: str, about: str = "") -> str:
    return f"/** {about + ' ' if about else ''}@typedef {{{type_}}} {name} */"


def _members(fields: dict[str, str]) -> str:
    return "{" + ",".join(f"\n *   {name}: {type_}" for name, type_ in fields.items()) + "}"


def _object(schema: dict[str, Any]) -> str:
    # What has a default is left out where it has that value.
    required = set(schema.get("required", ()))
    return _members(
        {name if name in required else f"{name}?": _type(field) for name, field in schema["properties"].items()}
    )


def _type(schema: dict[str, Any]) -> str:
    if "allOf" in schema:
        return " & ".join(_type(part) for part in schema["allOf"])
    if "anyOf" in schema:
        own = [part for part in schema["anyOf"] if "allOf" in part]
        # To players with what is theirs, to all others without: one type, whose own part may be missing.
        if own:
            everybody, theirs = (_type(part) for part in own[0]["allOf"])
            return f"{everybody} & Partial<{theirs}>"
        return " | ".join(_type(part) for part in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    if schema["type"] == "array":
        item = _type(schema["items"])
        return f"({item})[]" if " " in item else f"{item}[]"
    if schema["type"] == "object":
        return f"Record<string, {_type(schema['additionalProperties'])}>"
    return {"integer": "number"}.get(schema["type"], str(schema["type"]))
