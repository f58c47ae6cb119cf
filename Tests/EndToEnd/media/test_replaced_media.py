"""A media that is uploaded anew: the old one can be watched until the new one is whole, and the new one breaks no rule."""

import uuid

import media_rules
import odd_inputs
from made_media import MadeMedia
from test_crashes import PlaylistWatch

TERMINAL = ("media.ready", "media.failed")


def test_the_new_takes_the_place_of_the_old(stack, backend, uploads):
    old, new = uploads.folder / "old.mp4", uploads.folder / "new.mp4"
    odd_inputs.ffmpeg(*odd_inputs.plain(seconds=6), old)
    odd_inputs.ffmpeg(*odd_inputs.plain(size="640x360", seconds=2), new)
    media_id = str(uuid.uuid4())
    folder = stack.state / "media" / media_id
    with PlaylistWatch(folder) as watch:
        for clip in (old, new):
            backend.upload(clip, media_id=media_id)
            kind, payload = backend.wait_for(*TERMINAL, media_id=media_id)
            assert kind == "media.ready", payload
    assert watch.absent == set()
    made = MadeMedia(folder)
    assert [each.track.size for _, each in made.video] == [(640, 360)]
    # What the old one was made of may stay a while for those who watch it.
    assert [fault for fault in media_rules.faults(made) if not fault.startswith("what is stored is named")] == []
