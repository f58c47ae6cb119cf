"""The rules for segments, one by one and side by side: CMAF (ISO/IEC 23000-19) and what switching needs."""

from fractions import Fraction

import codec_configuration

AUDIO_FRAME = 1024
# Seconds: one AAC frame at 48 kHz, the most that sound and pictures may lie apart.
LARGEST_OFFSET = Fraction(1024, 48000)


def check(made):
    read = [rendition for rendition in made.renditions.values() if rendition]
    for rendition in read:
        check_decode_times(made, rendition)
        check_init(made, rendition)
        if rendition.track.is_video:
            check_starts(made, rendition)
    check_alike(made, read)
    check_start_offset(made)


def check_init(made, rendition):
    if any(rendition.track.clocks):
        made.find("no absolute time", f"{rendition.folder}/{rendition.playlist.map}", rendition.track.clocks, "0")
    for segment in rendition.segments:
        if b"prft" in segment.data[:segment.fragments[0].start]:
            made.find("no absolute time", segment.name, "prft", "none")


def check_decode_times(made, rendition):
    expected = None
    for segment in rendition.segments:
        for fragment in segment.fragments:
            if expected is not None and fragment.decode_time != expected:
                made.find("tfdt is the previous tfdt and its duration", segment.name, fragment.decode_time, expected)
            if any(sample.duration <= 0 for sample in fragment.samples):
                made.find("samples last", segment.name, min(sample.duration for sample in fragment.samples), "more than 0")
            expected = fragment.decode_time + fragment.duration


# Where segments start


def check_starts(made, rendition):
    for segment in rendition.segments:
        first = segment.fragments[0].samples[0]
        if not first.is_sync:
            made.find("segments start with an IDR", segment.name, f"flags {first.flags:#x}", "a sync sample")
        for fragment in segment.fragments:
            check_fragment_start(made, rendition, segment, fragment)


def check_fragment_start(made, rendition, segment, fragment):
    """The sync flag is the pictures' own; and nothing shown before a group's first picture belongs to the group."""
    codec = rendition.track.codec
    for sample in fragment.samples:
        is_idr = starts_group(codec, segment.data[sample.offset:sample.offset + sample.size])
        if is_idr is not None and is_idr != sample.is_sync:
            made.find("sync samples are IDR pictures", segment.name, "IDR" if is_idr else "no IDR", f"flags {sample.flags:#x}")
            break
    first = fragment.samples[0]
    shown = min(sample.decode_time + sample.composition for sample in fragment.samples)
    if first.is_sync and shown != first.decode_time + first.composition:
        made.find("groups of pictures are closed", segment.name, shown, first.decode_time + first.composition)


def starts_group(codec, data):
    """Whether a sample is an IDR picture; None where this codec is not known."""
    if codec.entry == "av01":
        # A sync sample starts with its sequence header (AV1-ISOBMFF 2.4).
        return any(kind == 1 for kind, _ in codec_configuration.av1_units(data))
    if codec.entry not in ("avc1", "hvc1", "hev1"):
        return None
    for unit in units(data, codec.length_size):
        kind = unit[0] & 31 if codec.entry == "avc1" else unit[0] >> 1 & 63
        if codec.entry == "avc1" and 1 <= kind <= 5:
            return kind == 5
        if codec.entry != "avc1" and kind < 32:
            return kind in (19, 20)
    return False


def units(data, length_size):
    place = 0
    while place + length_size < len(data):
        length = int.from_bytes(data[place:place + length_size], "big")
        place += length_size
        yield data[place:place + length]
        place += length


# Side by side


def check_alike(made, read):
    if not read:
        return
    reference = next((each for each in read if each.track.is_video), read[0])
    targets = {each.path: each.playlist.one("EXT-X-TARGETDURATION") for each in read}
    targets |= {each.path: each.playlist.one("EXT-X-TARGETDURATION") for _, each in made.subtitle_tracks}
    for path, target in targets.items():
        if target != targets[reference.path]:
            made.find("all playlists have the same target duration", path, target, targets[reference.path])
    for rendition in read:
        check_boundaries(made, reference, rendition)
    for _, rendition in made.subtitle_tracks:
        check_subtitles(made, reference, rendition)


def check_boundaries(made, reference, rendition):
    count, expected = len(rendition.segments), len(reference.segments)
    if count != expected:
        made.find("all playlists have the same number of segments", rendition.path, count, expected)
        return
    frame = Fraction(AUDIO_FRAME, rendition.track.timescale)
    allowed = 0 if rendition.track.is_video == reference.track.is_video else frame
    for ours, theirs in zip(rendition.segments, reference.segments):
        if abs(ours.start - theirs.start) > allowed:
            made.find("all playlists have the same boundaries", ours.name, float(ours.start), float(theirs.start))
    difference = abs(rendition.end - reference.end)
    if difference > allowed:
        made.find("all playlists last as long", rendition.path, float(rendition.end), float(reference.end))
    written = abs(rendition.playlist.duration - reference.playlist.duration)
    if written > allowed + Fraction(1, 1000):
        wanted = float(reference.playlist.duration)
        made.find("all playlists last as long", rendition.path, float(rendition.playlist.duration), wanted)


def check_subtitles(made, reference, rendition):
    count = len(rendition.playlist.entries)
    if count != len(reference.segments):
        made.find("all playlists have the same number of segments", rendition.path, count, len(reference.segments))
    difference = abs(rendition.playlist.duration - (reference.end - reference.start))
    if difference > Fraction(1, 20):
        made.find("all playlists last as long", rendition.path, float(rendition.playlist.duration), float(reference.end))


def check_start_offset(made):
    starts = {each.path: first_shown(each) for _, each in made.video} | {each.path: first_shown(each) for each in made.sound}
    for path, start in starts.items():
        if abs(start - min(starts.values())) > LARGEST_OFFSET:
            made.find("sound and pictures start together", path, float(start), f"{float(LARGEST_OFFSET):.4f} from the others")


def first_shown(rendition):
    """Seconds at which the first picture is seen or the first sound heard."""
    return rendition.segments[0].start
