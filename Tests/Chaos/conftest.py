"""The crash matrix's own options, and a broker with the services that each row stops and starts as it likes."""

import os
import pathlib
import shutil
import sys
import tempfile

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(pathlib.Path(__file__).parent), str(REPOSITORY / "Tests/EndToEnd"), str(REPOSITORY / "deploy/local")]
os.environ.pop("AMQP_URL", None)

import databases  # noqa: E402
import workbench  # noqa: E402

DATABASES = pytest.StashKey()


def pytest_addoption(parser):
    parser.addoption("--repetitions", type=int, default=1, help="how often each row is played")
    parser.addoption("--databases", default="sqlite", help="sqlite, postgres or both with a comma")


def pytest_configure(config):
    # Split once: pytest tells by identity, not equality, whether a fixture stands for the same parameter. Other strings
    # for each test function would have it start a broker, a database and the services anew for each.
    config.stash[DATABASES] = config.getoption("--databases").split(",")
    config.addinivalue_line("markers", "slow: waits for a lease, a heartbeat or a killed broker; only in `make chaos`")


def pytest_generate_tests(metafunc):
    if "bench" in metafunc.fixturenames:
        metafunc.parametrize("bench", metafunc.config.stash[DATABASES], indirect=True, scope="session")
    if "repetition" in metafunc.fixturenames:
        metafunc.parametrize("repetition", range(1, metafunc.config.getoption("--repetitions") + 1))


@pytest.fixture(scope="session")
def bench(request):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-matrix-"))
    try:
        with databases.running(request.param, folder) as database_url, workbench.Workbench(folder, database_url) as bench:
            yield bench
    finally:
        shutil.rmtree(folder, ignore_errors=True)
