"""Pulumi's package schema of this provider, made from what it takes and answers.

``pulumi package get-schema`` and ``package add`` ask for it, and so does ``pulumi import`` of our types.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from mailwright import __version__
from mailwright.deploy.given.settings import FILE, secrets
from mailwright.deploy.package.spec_types import SPEC, spec_types
from mailwright.deploy.tokens import DNS_RECORDS
from mailwright.hosts.dns.service import Option, Way
from mailwright.hosts.dns.services import SERVICES

RESOURCES = Path(__file__).with_name("resources.yaml")
RECORD_SET, RETIRING = "mailwright:index:RecordSet", "mailwright:index:Retiring"
_ANY = {"$ref": "pulumi.json#/Any"}
_STRINGS = {
    "list": {"type": "array", "items": {"type": "string"}},
    "map": {"type": "object", "additionalProperties": {"type": "string"}},
}
_BY_DOMAIN = {
    "type": "object",
    "additionalProperties": {"type": "object", "additionalProperties": _STRINGS["list"]},
}
_ABOUT = (
    "A company's mail as code: one reviewed spec becomes DNS records and mailboxes, through a gate that "
    "refuses what could lose mail."
)
_SPECS = "Spec files and folders of Mailwright's own program, relative to the project."
_SECRET = "{variable} in the environment wins over it. Never an input of a provider: the state would keep it."
_FILE = "The path of a file that holds `{name}`, relative to the project; it wins over `{name}`."

_Written = Mapping[str, Any]


def schema_text() -> str:
    """The schema as the provider answers it."""
    return json.dumps(package(), ensure_ascii=False, separators=(",", ":"))


@functools.cache
def package() -> dict[str, Any]:
    """The schema; a test holds it to Pulumi's metaschema."""
    written: dict[str, _Written] = yaml.safe_load(RESOURCES.read_text(encoding="utf-8"))
    return {
        "name": "mailwright",
        "displayName": "Mailwright",
        "version": __version__,
        "description": _ABOUT,
        "keywords": ["mail", "email", "dns", "spf", "dkim", "dmarc"],
        "license": "Apache-2.0",
        "meta": {"moduleFormat": "(.*)"},
        "config": {"variables": _variables()},
        "types": {**spec_types(), **_own_types()},
        "provider": {"description": "Takes no inputs: credentials are environment or configuration."},
        "resources": {token: _resource(token, body) for token, body in written.items()},
        "language": {
            "python": {"respectSchemaVersion": True, "pyproject": {"enabled": True}},
            "nodejs": {"respectSchemaVersion": True},
            "csharp": {"respectSchemaVersion": True},
            "go": {"respectSchemaVersion": True, "generateResourceContainerTypes": True},
        },
    }


def _variables() -> dict[str, Any]:
    """The stack's configuration; without ``defaultInfo``, which would make inputs of credentials."""
    variables: dict[str, Any] = {"specs": {"type": "string", "description": _SPECS}}
    for secret in secrets():
        name = secret.configured
        about = _SECRET.format(variable=secret.variable)
        variables[name] = {"type": "string", "secret": True, "description": about}
        variables[name + FILE] = {"type": "string", "description": _FILE.format(name=name)}
    return variables


def _own_types() -> dict[str, Any]:
    texts = ("name", "type", "value", "family", "since", "until")
    ttl = {"type": "integer", "description": "Time to live in seconds."}
    values = {**_STRINGS["list"], "description": "Values as a zone file has them, TXT plain and whole."}
    return {
        RECORD_SET: {
            "type": "object",
            "description": "The values of one name and type.",
            "properties": {"ttl": ttl, "values": values},
            "required": ["ttl", "values"],
        },
        RETIRING: {
            "type": "object",
            "description": "A value that stands until its day.",
            "properties": {name: {"type": "string"} for name in texts},
            "required": list(texts),
        },
    }


def _resource(token: str, body: _Written) -> dict[str, Any]:
    written = {**body["inputs"], **(_options() if token == DNS_RECORDS else {})}
    inputs = {name: _property(one) for name, one in written.items()}
    outputs = {name: _property(one) for name, one in body["outputs"].items()}
    required = [name for name, one in written.items() if one.get("required")]
    always = [name for name, one in body["outputs"].items() if not one.get("optional")]
    resource: dict[str, Any] = {
        "description": body["description"],
        "inputProperties": inputs,
        "requiredInputs": required,
    }
    if body.get("component"):  # what goes in is the spec's, and not repeated
        return {**resource, "isComponent": True, "properties": outputs, "required": always}
    return {**resource, "properties": {**inputs, **outputs}, "required": [*required, *always]}


def _options() -> dict[str, _Written]:
    """The options of every DNS host that our provider writes to, as a resource has them."""
    return {
        option.property: {"type": "integer" if option.is_number else "string", "description": text}
        for option, text in _described()
    }


def _described() -> Iterator[tuple[Option, str]]:
    texts: dict[str, tuple[Option, list[str]]] = {}
    for service in SERVICES.values():
        for option in service.options if service.way is not Way.PLUGIN else ():
            meanings = texts.setdefault(option.property, (option, []))[1]
            meanings.append(f"{service.name}: {option.about('en')}")
    for option, meanings in texts.values():
        yield option, "; ".join(meanings)


def _property(body: _Written) -> dict[str, Any]:
    return {**_type(body), "description": body["description"].strip()}


def _type(body: _Written) -> dict[str, Any]:
    """The type of a property in ``resources.yaml``'s words."""
    if "type" in body:
        return {"type": body["type"]}
    if "strings" in body:
        return dict(_STRINGS[body["strings"]])
    if "ref" in body:
        return {"type": "object", "additionalProperties": {"$ref": body["ref"]}}
    if "list" in body:
        return {"type": "array", "items": {"$ref": body["list"]}}
    if body.get("spec"):
        return {"oneOf": [{"type": "string"}, {"$ref": f"#/types/{SPEC}"}]}
    return dict(_BY_DOMAIN) if body.get("records") else dict(_ANY)
