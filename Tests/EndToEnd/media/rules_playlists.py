"""The rules for playlists: Apple's HLS authoring specification and RFC 8216bis, against what the segments measure."""

from fractions import Fraction

ONE_PERCENT = Fraction(1, 100)
# Bits per second that the ladder allows by the short side; content alone decides what lies below.
CAPS = {2160: 18_000_000, 1440: 10_000_000, 1080: 6_000_000, 720: 3_000_000, 480: 1_500_000, 360: 800_000}


def check(made):
    if not made.master:
        return
    check_master(made)
    for path, rendition in made.renditions.items():
        if rendition:
            check_media_playlist(made, path, rendition)
    for values, rendition in made.variants:
        if rendition:
            check_variant(made, values, rendition)
    for values, rendition in made.iframes:
        if rendition:
            check_iframes(made, values, rendition)
    for values, rendition in made.subtitle_tracks:
        check_subtitles(made, values, rendition)
    check_media_tags(made)


# The multivariant playlist


def check_master(made):
    what, master = "master.m3u8", made.master
    check_head(made, what, master)
    if master.one("EXT-X-INDEPENDENT-SEGMENTS") is None:
        made.find("INDEPENDENT-SEGMENTS is declared", what, "absent", "once")
    if not made.variants:
        made.find("there is a variant", what, 0, "at least 1")
    seen = [uri for _, uri in master.variants()]
    if len(set(seen)) != len(seen):
        made.find("each variant is listed once", what, seen, "no URI twice")
    if len({each.path for _, each in made.video}) and not made.iframes:
        made.find("pictures have I-frame playlists", what, 0, "one for each rung")


def check_head(made, what, playlist):
    if playlist.lines[:1] != ["#EXTM3U"]:
        made.find("playlists start with EXTM3U", what, playlist.lines[:1], "#EXTM3U")
    if playlist.one("EXT-X-VERSION") != "7":
        made.find("VERSION is 7", what, playlist.all("EXT-X-VERSION"), "7")
    for tag in ("EXT-X-PROGRAM-DATE-TIME", "EXT-X-DATERANGE"):
        if playlist.all(tag):
            made.find("no absolute time", what, tag, "none")


def check_variant(made, values, rendition):
    what = f"variant {rendition.path}"
    sound = [each for tags, each in made.audio if tags.get("GROUP-ID") == values.get("AUDIO")]
    if "AUDIO" in values and not sound:
        made.find("named groups exist", what, values["AUDIO"], "a group of EXT-X-MEDIA")
    texts = {tags.get("GROUP-ID") for tags, _ in made.subtitle_tracks}
    if values.get("SUBTITLES") not in (texts or {None}):
        made.find("named groups exist", what, values.get("SUBTITLES"), sorted(map(str, texts)))
    check_rates(made, what, values, rendition, sound)
    codecs = {rendition.track.codec.string, *(each.track.codec.string for each in sound)}
    declared = set(values.get("CODECS", "").split(","))
    if {spell(name) for name in declared} != {spell(name) for name in codecs}:
        made.find("CODECS is what the configurations say", what, sorted(codecs), sorted(declared))
    if rendition.track.is_video:
        check_picture(made, what, values, rendition)


def spell(codec):
    """AV1's optional fields at their defaults are left out; hexadecimal letters may be of either case."""
    return codec.lower().removesuffix(".0.110.01.01.01.0")


def check_picture(made, what, values, rendition):
    declared = values.get("RESOLUTION", "absent")
    for name, size in (("tkhd", rendition.track.size), ("codec", rendition.track.codec.size)):
        if size is None or f"{size[0]:g}x{size[1]:g}" != declared:
            made.find(f"RESOLUTION is that of the {name}", what, size, declared)
    if rendition.track.codec.pixel not in (None, (1, 1)):
        made.find("pixels are square", what, rendition.track.codec.pixel, (1, 1))
    low, high = frame_rates(rendition)
    rate = Fraction(values.get("FRAME-RATE", "0"))
    if not low * Fraction(995, 1000) <= rate <= high * Fraction(1005, 1000):
        made.find("FRAME-RATE is the measured one", what, f"{float(low):.3f} to {float(high):.3f}", float(rate))


def frame_rates(rendition):
    """The average, with those that stand at the start and the end or without them, and that of the shortest picture."""
    samples, scale = rendition.samples, rendition.track.timescale
    shortest = min(sample.duration for sample in samples)
    shown = sorted(sample.decode_time + sample.composition for sample in samples)
    average = Fraction(len(samples)) / (rendition.end - rendition.start)
    between = [Fraction(len(shown[first:]) - 1, shown[-1] - shown[first]) for first in (0, 1) if len(shown) > first + 1]
    return min([average, *(scale * rate for rate in between)]), Fraction(scale, max(1, shortest))


# Rates


def check_rates(made, what, values, rendition, sound):
    target = int(rendition.playlist.one("EXT-X-TARGETDURATION") or 0)
    peak, average = rates(pieces(rendition), target)
    heard = [rates(pieces(each), target) for each in sound]
    peak, average = peak + max((each[0] for each in heard), default=0), average + max((each[1] for each in heard), default=0)
    compare_rates(made, what, values, peak, average)
    own_peak, own_average = rates(pieces(rendition), target)
    if own_peak > 2 * own_average:
        cap = next((cap for side, cap in CAPS.items() if min(rendition.track.size or (0,)) >= side), 800_000)
        made.find("the peak is at most twice the average", what, f"{float(own_peak / own_average):.2f}", 2, own_peak <= cap * 1.1)


def compare_rates(made, what, values, peak, average):
    for name, measured in (("BANDWIDTH", peak), ("AVERAGE-BANDWIDTH", average)):
        declared = int(values.get(name, "0"))
        if abs(declared - measured) > measured * ONE_PERCENT + 1:
            made.find(f"{name} is within 1 % of what is measured", what, f"{float(measured):.0f}", declared)


def pieces(rendition):
    return [(segment.duration, len(segment.data)) for segment in rendition.segments]


def rates(pieces, target):
    """Bits per second: the largest over any run that lasts 0.5 to 1.5 target durations (RFC 8216 4.1), and over all."""
    total = sum(seconds for seconds, _ in pieces)
    average = Fraction(sum(size for _, size in pieces) * 8) / total if total else Fraction(0)
    peak = Fraction(0)
    for first in range(len(pieces)):
        seconds = size = 0
        for duration, length in pieces[first:]:
            seconds, size = seconds + duration, size + length
            if seconds * 2 > target * 3:
                break
            if seconds * 2 >= target and seconds:
                peak = max(peak, Fraction(size * 8) / seconds)
    return peak or average, average


# Media playlists


def check_media_playlist(made, path, rendition):
    playlist = rendition.playlist
    check_head(made, path, playlist)
    for tag, value in (("EXT-X-PLAYLIST-TYPE", "VOD"), ("EXT-X-ENDLIST", "")):
        if playlist.one(tag) != value:
            made.find(f"{tag.removeprefix('EXT-X-')} is there", path, playlist.all(tag), value or "once")
    if playlist.lines[-1] != "#EXT-X-ENDLIST":
        made.find("ENDLIST is last", path, playlist.lines[-1], "#EXT-X-ENDLIST")
    if playlist.one("EXT-X-INDEPENDENT-SEGMENTS") is None and made.master.one("EXT-X-INDEPENDENT-SEGMENTS") is None:
        made.find("INDEPENDENT-SEGMENTS is declared", path, "absent", "here or in the master playlist")
    check_target(made, path, playlist)
    check_durations(made, path, rendition)


def check_target(made, path, playlist):
    target = int(playlist.one("EXT-X-TARGETDURATION") or 0)
    for entry in playlist.entries:
        if entry.duration is None or round_half_up(entry.duration) > target:
            made.find("TARGETDURATION holds every EXTINF", f"{path} {entry.uri}", float(entry.duration or 0), target)


def round_half_up(value):
    return int(value + Fraction(1, 2))


def check_durations(made, path, rendition):
    target = int(rendition.playlist.one("EXT-X-TARGETDURATION") or 0)
    frame = Fraction(max(sample.duration for sample in rendition.samples), rendition.track.timescale)
    drift = lowest = highest = Fraction(0)
    for entry, segment in zip(rendition.playlist.entries, rendition.segments):
        if segment.duration > target + Fraction(1, 2):
            made.find("no segment is longer than its target and 0.5 s", segment.name, float(segment.duration), target + 0.5)
        if segment.duration <= 0:
            made.find("segments last", segment.name, float(segment.duration), "more than 0")
        # The sum over a run of segments is off by the difference of two of these.
        drift += (entry.duration or 0) - segment.duration
        lowest, highest = min(lowest, drift), max(highest, drift)
    if highest - lowest > min(frame, Fraction(1, 24)):
        made.find("EXTINF sums to what is measured over any run", path, f"{float(highest - lowest):.6f}", f"{float(frame):.6f}")


# I-frame playlists


def check_iframes(made, values, iframes):
    path, playlist = iframes.path, iframes.playlist
    check_head(made, path, playlist)
    for tag, value in (("EXT-X-PLAYLIST-TYPE", "VOD"), ("EXT-X-ENDLIST", ""), ("EXT-X-I-FRAMES-ONLY", "")):
        if playlist.one(tag) != value:
            made.find(f"{tag.removeprefix('EXT-X-')} is there", path, playlist.all(tag), value or "once")
    rendition = next((each for _, each in made.video if each.folder == iframes.folder), None)
    if not rendition:
        made.find("I-frame playlists lie beside their rendition", path, iframes.folder, "a folder of a rendition")
        return
    if playlist.map != rendition.playlist.map:
        made.find("playlists have a MAP", path, playlist.map, rendition.playlist.map)
    check_target(made, path, playlist)
    if playlist.one("EXT-X-TARGETDURATION") != rendition.playlist.one("EXT-X-TARGETDURATION"):
        made.find("all playlists have the same target duration", path, playlist.all("EXT-X-TARGETDURATION"), "its rendition's")
    check_ranges(made, path, playlist, rendition)
    check_iframe_variant(made, values, playlist, rendition)


def check_ranges(made, path, playlist, rendition):
    track = rendition.track
    expected = [
        (segment.name, fragment.start, first.offset + first.size - fragment.start,
         Fraction(first.decode_time + first.composition - track.edit, track.timescale))
        for segment in rendition.segments for fragment in segment.fragments
        for first in fragment.samples[:1] if first.is_sync
    ]
    listed = [(f"{rendition.folder}/{entry.uri}", *(entry.range or (None, None))) for entry in playlist.entries]
    if listed != [each[:3] for each in expected]:
        wrong = next((pair for pair in zip(listed, expected) if pair[0] != pair[1][:3]), (len(listed), len(expected)))
        made.find("I-frame ranges hold the moof and the frame", path, wrong[0], wrong[1])
        return
    time = Fraction(0)
    for entry, (name, _, _, start) in zip(playlist.entries, expected):
        if abs(time - (start - expected[0][3])) > Fraction(1, 1000):
            made.find("I-frames last until the next", f"{path} {name}", float(time), float(start))
        time += entry.duration
    if abs(time - (rendition.end - rendition.start)) > Fraction(1, 1000):
        made.find("I-frame playlists last as long as their rendition", path, float(time), float(rendition.end))


def check_iframe_variant(made, values, playlist, rendition):
    target = int(playlist.one("EXT-X-TARGETDURATION") or 0)
    peak, average = rates([(entry.duration, (entry.range or (0, 0))[1]) for entry in playlist.entries], target)
    what = f"I-frame variant {rendition.folder}"
    compare_rates(made, what, values, peak, average)
    if spell(values.get("CODECS", "")) != spell(rendition.track.codec.string):
        made.find("CODECS is what the configurations say", what, rendition.track.codec.string, values.get("CODECS"))
    if values.get("RESOLUTION") != f"{rendition.track.size[0]:g}x{rendition.track.size[1]:g}":
        made.find("RESOLUTION is that of the tkhd", what, rendition.track.size, values.get("RESOLUTION"))


# Other renditions


def check_media_tags(made):
    names, defaults = set(), {}
    for values in made.master.attribute_lists("EXT-X-MEDIA"):
        kind, group = values.get("TYPE"), values.get("GROUP-ID")
        what = f"{kind} {values.get('NAME')}"
        if kind in ("AUDIO", "SUBTITLES") and not values.get("LANGUAGE"):
            made.find("LANGUAGE is on every rendition", what, values.get("LANGUAGE"), "a language")
        if (group, values.get("NAME")) in names:
            made.find("renditions of a group have names of their own", what, values.get("NAME"), "once")
        names.add((group, values.get("NAME")))
        if kind == "AUDIO":
            defaults[group] = defaults.get(group, 0) + (values.get("DEFAULT") == "YES")
    for group, count in defaults.items():
        if count != 1:
            made.find("one rendition of a group is the default", group, count, 1)
    for values, rendition in made.audio:
        if values.get("CHANNELS") != str(rendition.track.codec.channels):
            made.find("CHANNELS is that of the track", rendition.path, rendition.track.codec.channels, values.get("CHANNELS"))


def check_subtitles(made, values, rendition):
    path, playlist = rendition.path, rendition.playlist
    check_target(made, path, playlist)
    if playlist.one("EXT-X-ENDLIST") is None or playlist.one("EXT-X-PLAYLIST-TYPE") != "VOD":
        made.find("ENDLIST is there", path, "absent", "VOD with ENDLIST")
    end = Fraction(0)
    for entry in playlist.entries:
        start, end = end, end + entry.duration
        check_cues(made, f"{rendition.folder}/{entry.uri}", path, start, end)


def check_cues(made, name, path, start, end):
    """A segment's cues are on the presentation's time, in order, and those that are seen while it lasts."""
    data = made.bytes(name, path)
    if data is None:
        return
    if not data.startswith(b"WEBVTT"):
        made.find("subtitles are WebVTT", name, data[:10], "WEBVTT")
    previous = Fraction(0)
    for line in data.decode().splitlines():
        if " --> " not in line:
            continue
        first, last = (cue_time(text) for text in line.split(" --> "))
        if first < previous or last < first or first >= end + Fraction(1, 1000) or last <= start - Fraction(1, 1000):
            made.find("cues lie within their segment", f"{name} {line}", float(previous), f"{float(start)} to {float(end)}")
        previous = first


def cue_time(text):
    """00:01:02.500 or 01:02.500, with settings behind it."""
    return sum((Fraction(part) * 60 ** index for index, part in enumerate(reversed(text.split()[0].split(":")))), Fraction(0))
