"""What the running service makes of an upload, held to all rules."""

import media_rules
import transcoded
from made_media import MadeMedia


def make(stack, backend, clip):
    media_id = backend.upload(clip)
    kind, ready = backend.wait_for("media.ready", "media.failed", media_id=media_id)
    assert kind == "media.ready", ready
    made = MadeMedia(stack.state / "media" / media_id)
    assert media_rules.faults(made) == []
    assert transcoded.disagreements(made) == []
    return made
