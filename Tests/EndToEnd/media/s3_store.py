"""A real S3 store for tests, and boto3 to look into it as anybody else would."""

import contextlib
import os
import pathlib
import random
import socket
import subprocess
import tempfile
import uuid

import boto3
from botocore.client import Config

SCRIPT = pathlib.Path(__file__).resolve().parents[3] / "deploy/local/s3.sh"
KEYS = {"AWS_ACCESS_KEY_ID": "test:tester", "AWS_SECRET_ACCESS_KEY": "testing"}
PORTS = 5


class Store:
    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.client = boto3.client(
            "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"], config=Config(s3={"addressing_style": "path"}),
        )

    def make_bucket(self):
        name = f"test-{uuid.uuid4()}"
        self.client.create_bucket(Bucket=name)
        return name

    def url(self, bucket, prefix=""):
        """As the services' settings name it."""
        return f"s3://{bucket}{prefix and '/' + prefix}?endpoint={self.endpoint}"

    def keys(self, bucket, prefix=""):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def download(self, bucket, prefix, folder):
        """All objects below a prefix as files below a folder; what each was served with, by its path there."""
        headers = {}
        for key in self.keys(bucket, prefix):
            name = key.removeprefix(prefix)
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            answer = self.client.get_object(Bucket=bucket, Key=key)
            path.write_bytes(answer["Body"].read())
            headers[name] = (answer["ContentType"], answer.get("CacheControl", ""))
        return headers


@contextlib.contextmanager
def running():
    with tempfile.TemporaryDirectory(prefix="martlet-s3-") as name:
        folder = pathlib.Path(name) / "store"
        with open(pathlib.Path(name) / "said", "w+") as said:
            command = [SCRIPT, "start", folder, str(free_ports()), "--watch", str(os.getpid())]
            # A file and no pipe: the servers inherit it.
            result = subprocess.run(command, stdout=said, stderr=subprocess.STDOUT)
            said.seek(0)
            text = said.read()
        assert result.returncode == 0, text
        try:
            yield Store(text.strip().splitlines()[-1])
        finally:
            subprocess.run([SCRIPT, "stop", folder], stdout=subprocess.DEVNULL)


def free_ports():
    """The first of some in a row that are free, below those that the kernel gives to clients."""
    while True:
        first = random.randrange(10_000, 20_000)
        if all(is_free(port) for port in range(first, first + PORTS)):
            return first


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
