"""Holds what the services answer over HTTP against the OpenAPI document."""

import contextlib
import functools
import pathlib
import re
import urllib.parse

import jsonschema
import requests
import yaml

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "Shared/Contracts/openapi.yaml"


@functools.cache
def document():
    return yaml.safe_load(DOCUMENT.read_text())


def resolved(part):
    """A part of the document, or what it refers to."""
    while "$ref" in part:
        part = functools.reduce(lambda found, name: found[name], part["$ref"].removeprefix("#/").split("/"), document())
    return part


@functools.cache
def patterns():
    """Path templates as regular expressions, those without parameters first. An object's key holds slashes."""
    templates = sorted(document()["paths"], key=lambda template: template.count("{"))
    return [(re.compile(re.sub(r"\\{[a-z_]+\\}", "[^/]+", re.escape(each)).replace("/media/[^/]+", "/media/.+")), each) for each in templates]


def template(path):
    return next((template for pattern, template in patterns() if pattern.fullmatch(path)), None)


def mistakes(answer):
    """What of an answer the document does not know, one line each; of paths that it does not know, nothing."""
    path = template(urllib.parse.urlsplit(answer.request.url).path)
    if path is None:
        return []
    method, operations = answer.request.method.lower(), document()["paths"][path]
    # Where HEAD is not described, it is GET without the body.
    operation = operations.get(method, operations.get("get") if method == "head" else None)
    if operation is None:
        return [] if answer.status_code == 405 else [f"{method} {path} is no operation, but answers {answer.status_code}"]
    if (described := operation["responses"].get(str(answer.status_code))) is None:
        return [f"{method} {path} answers {answer.status_code}, which is not described: {answer.text[:200]}"]
    return [f"{method} {path} {answer.status_code}: {mistake}" for mistake in body_mistakes(answer, resolved(described).get("content", {}))]


def body_mistakes(answer, content):
    if answer.request.method == "HEAD" or not answer.content:
        return []
    kind = answer.headers.get("Content-Type", "").split(";")[0]
    if kind not in content:
        return [f"a body of {kind or 'an unknown type'} is not described"]
    if kind != "application/json":
        return []
    resolver = jsonschema.RefResolver.from_schema(document())
    validator = jsonschema.Draft202012Validator(
        content[kind].get("schema", {}), resolver=resolver, format_checker=jsonschema.FormatChecker()
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer.json())]


@contextlib.contextmanager
def held(addresses):
    """Meanwhile a request to any of these services fails if its answer breaks the contract."""
    hosts = {urllib.parse.urlsplit(address).netloc for address in addresses}
    send = requests.Session.send

    def checked(session, request, **options):
        answer = send(session, request, **options)
        if urllib.parse.urlsplit(request.url).netloc in hosts and not options.get("stream"):
            found = mistakes(answer)
            assert not found, "\n".join(found)
        return answer

    requests.Session.send = checked
    try:
        yield
    finally:
        requests.Session.send = send
