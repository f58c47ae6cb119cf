"""Runs the PHP publishers in php/ and the one in the documentation."""

import json
import os
import pathlib
import subprocess
import urllib.parse

FOLDER = pathlib.Path(__file__).parent / "php"
PAGE = pathlib.Path(__file__).parents[2] / "Shared/Contracts/PUBLISHING.md"


def publish(url, script, key, event, *more):
    """Has php/SCRIPT.php publish `event` under `key`; returns when it has ended."""
    address = urllib.parse.urlsplit(url)
    run_file(FOLDER / f"{script}.php", address.hostname, str(address.port), key, *more, text=json.dumps(event))


def publisher_of_the_documentation():
    """The program in PUBLISHING.md, as one would copy it."""
    return PAGE.read_text().split("```php\n", 1)[1].split("```", 1)[0]


def run_file(path, *arguments, text="", environment=None):
    command = ["php", "-d", "display_errors=stderr", path, *arguments]
    environment = os.environ | (environment or {})
    result = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, env=environment)
    if result.returncode != 0 or result.stderr:
        raise subprocess.CalledProcessError(result.returncode, path.name, result.stdout, result.stderr)
