"""The fields of schemas and of documents, so that the ones can be held against the others."""

from __future__ import annotations

import jsonschema_rs
from worker.normalize.schema import load


def strict(event):
    """A validator of an event's schema that takes no field that the schema does not name."""
    return jsonschema_rs.Draft202012Validator(closed(load(event)), validate_formats=True)


def closed(schema):
    """A schema under which no object may have a field that is not named."""
    schema = {
        **schema,
        "properties": {name: closed(field) for name, field in schema.get("properties", {}).items()},
    }
    if "items" in schema:
        schema["items"] = closed(schema["items"])
    if schema["properties"]:
        schema["additionalProperties"] = False
    return schema


def named(schema, at=""):
    """Every field that a schema names."""
    for name, field in schema.get("properties", {}).items():
        yield f"{at}/{name}"
        yield from named(field, f"{at}/{name}")
    if "items" in schema:
        yield from named(schema["items"], at)


def reached(event, schema, at=""):
    """The fields of an event that its schema names."""
    if isinstance(event, list):
        return {pointer for each in event for pointer in reached(each, schema["items"], at)}
    found = set()
    for name, field in schema.get("properties", {}).items():
        if isinstance(event, dict) and name in event:
            found |= {f"{at}/{name}", *reached(event[name], field, f"{at}/{name}")}
    return found
