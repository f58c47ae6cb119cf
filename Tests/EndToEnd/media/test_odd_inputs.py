"""Odd inputs, one by one: each comes out in the right shape and length and breaks no rule, or fails for its reason."""

import concurrent.futures
import json
import shutil
from dataclasses import dataclass, field

import media_rules
import odd_inputs
import pytest
import transcoded
from made_media import MadeMedia

WORKERS = 2


@dataclass
class Outcome:
    code: int
    said: str
    asset: dict = None
    faults: list = field(default_factory=list)
    disagreements: list = field(default_factory=list)
    rungs: list = None
    sound: list = None
    subtitles: list = None
    frames: set = None
    pixels: list = None
    stored: list = None
    differing: list = field(default_factory=list)


@pytest.fixture(scope="module")
def outcomes(request, tmp_path_factory):
    """Case name -> its outcome to come; all that are asked for are worked on at the same time."""
    folder = tmp_path_factory.mktemp("odd")
    wanted = {item.callspec.params["case"].name: item.callspec.params["case"] for item in request.session.items
              if "case" in getattr(getattr(item, "callspec", None), "params", {}) and item.path == request.path}
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        futures = {name: pool.submit(run, case, folder / name) for name, case in wanted.items()}
        yield {name: future for name, future in futures.items()}
        for future in futures.values():
            future.cancel()


def run(case, folder):
    folder.mkdir()
    try:
        return measure(case, folder, odd_inputs.make(case, folder))
    finally:
        shutil.rmtree(folder)


def measure(case, folder, source):
    output = folder / "made"
    code, said = transcoded.transcode(source, output, *case.options)
    outcome = Outcome(code, said)
    outcome.stored = [path for path in output.rglob("*") if path.is_file()]
    if code != 0:
        return outcome
    made = MadeMedia(output)
    outcome.asset = json.loads((output / "asset.json").read_text())
    outcome.faults = media_rules.faults(made)
    outcome.disagreements = transcoded.disagreements(made)
    outcome.rungs = [(each.folder.rpartition("/")[2], *map(int, each.track.size)) for _, each in made.video]
    outcome.sound = [(tags.get("LANGUAGE"), each.track.codec.channels, tags.get("DEFAULT", "NO")) for tags, each in made.audio]
    outcome.sound.sort(key=lambda each: each[2] == "NO")
    if not made.audio:
        outcome.sound = [(each.folder.rpartition("/")[2], each.track.codec.channels, "YES") for each in made.sound]
    outcome.subtitles = [tags.get("LANGUAGE") for tags, _ in made.subtitle_tracks]
    outcome.frames = {len(each.samples) for _, each in made.video}
    if case.corners or case.grey:
        outcome.pixels = transcoded.pixels(made)
    if case.is_repeated:
        outcome.differing = differing(case, source, output, folder / "again")
    return outcome


def differing(case, source, output, again):
    """What a second run makes otherwise, in memory that held something else before."""
    transcoded.transcode(source, again, *case.options, MALLOC_PERTURB_="90")
    first, second = transcoded.digests(output), transcoded.digests(again)
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in odd_inputs.CASES])
def test_it_comes_out_as_it_should(outcomes, case):
    outcome = outcomes[case.name].result()
    assert "\n".join(failure(outcome, case) if case.reason else differences(outcome, case)) == ""


def failure(outcome, case):
    """What differs from a failure for the reason expected."""
    if outcome.code != 1 or not outcome.said.endswith(tuple(f"({reason})" for reason in case.reason.split())):
        yield f"exit code {outcome.code}, {outcome.said!r}, expected 1, {case.reason}"
    if outcome.stored:
        yield f"{len(outcome.stored)} files are left"


def differences(outcome, case):
    """All that differs from what is expected, a line each."""
    if outcome.code != 0:
        yield f"exit code {outcome.code}, {outcome.said}"
        return
    expected = {"rungs": case.rungs, "sound": sound(case), "subtitles": case.subtitles}
    for name, value in expected.items():
        if getattr(outcome, name) != value:
            yield f"{name}: {getattr(outcome, name)}, expected {value}"
    yield from shown(outcome, case)
    if abs(outcome.asset["duration"] - case.seconds) > case.tolerance:
        yield f"duration: {outcome.asset['duration']}, expected {case.seconds}"
    if case.incomplete is not None and outcome.asset["incomplete"] is not case.incomplete:
        yield f"incomplete: {outcome.asset['incomplete']}"
    if case.frames and not (len(outcome.frames) == 1 and outcome.frames <= set(case.frames)):
        yield f"frames: {outcome.frames}, expected {case.frames}"
    yield from outcome.faults
    yield from outcome.disagreements
    yield from (f"a second run makes another {name}" for name in outcome.differing)


def shown(outcome, case):
    """What differs in colour."""
    colours = " ".join(map(transcoded.name_colour, outcome.pixels or []))
    if case.corners and colours != case.corners:
        yield f"corners: {colours}, expected {case.corners}"
    if case.grey and not all(part in case.grey for pixel in outcome.pixels for part in pixel):
        yield f"grey: {outcome.pixels}, expected {case.grey}"


def sound(case):
    """Language, channels and DEFAULT, the default first."""
    return [(*each, "NO" if index else "YES") for index, each in enumerate(case.sound)]
