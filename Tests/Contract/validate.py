"""Validates examples against JSON Schemas and prints one line per mistake; exits 1 if there are any.

validate.py SCHEMAS_DIR < lines of {"schema": "media.ready", "instance": {...}}
"""
import json
import pathlib
import sys

import jsonschema

folder = pathlib.Path(sys.argv[1])
store = {}
for path in folder.glob("*.schema.json"):
    schema = json.loads(path.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    store[schema["$id"]] = schema

mistakes = 0
for line in sys.stdin:
    case = json.loads(line)
    schema = json.loads((folder / (case["schema"] + ".schema.json")).read_text())
    resolver = jsonschema.RefResolver(schema["$id"], schema, store=store)
    validator = jsonschema.Draft202012Validator(schema, resolver=resolver, format_checker=jsonschema.FormatChecker())
    for error in validator.iter_errors(case["instance"]):
        mistakes += 1
        print(case["schema"], ".".join(map(str, error.absolute_path)), error.message, sep=": ")
sys.exit(1 if mistakes else 0)
