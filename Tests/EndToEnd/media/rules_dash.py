"""The rules for the DASH manifest, held against the same measurements as the playlists."""

from fractions import Fraction

import rules_playlists

PROFILES = {"urn:mpeg:dash:profile:isoff-live:2011", "urn:mpeg:dash:profile:cmaf:2019"}
WALL_CLOCKS = ("availabilityStartTime", "publishTime", "minimumUpdatePeriod", "timeShiftBufferDepth")


def check(made):
    if not made.manifest:
        return
    check_root(made)
    by_folder = {each.folder: each for each in made.renditions.values() if each}
    seen = set()
    for values, representations in made.manifest.sets:
        if values.get("contentType") == "text":
            check_text(made, values, representations)
            continue
        check_set(made, values, representations)
        for representation in representations:
            rendition = by_folder.get(folder_of(representation))
            if not rendition:
                what = representation.attributes.get("id")
                made.find("DASH names what HLS names", what, "no such rendition", sorted(by_folder))
                continue
            seen.add(rendition.folder)
            check_representation(made, representation, rendition)
    texts = [values for values, _ in made.manifest.sets if values.get("contentType") == "text"]
    if len(texts) != len(made.subtitle_tracks):
        made.find("DASH names what HLS names", "subtitles", len(texts), len(made.subtitle_tracks))
    for folder in set(by_folder) - seen:
        made.find("DASH names what HLS names", folder, "absent from the manifest", "a representation")


def check_text(made, values, representations):
    """Subtitles are one file each, beside the segments that HLS names."""
    languages = {tags.get("LANGUAGE") for tags, _ in made.subtitle_tracks}
    if values.get("lang") not in languages:
        what = f"AdaptationSet {values.get('id')}"
        made.find("DASH names what HLS names", what, values.get("lang"), sorted(map(str, languages)))
    for representation in representations:
        for name, _, _ in representation.segments:
            data = made.bytes(name, "manifest.mpd")
            if data is not None and not data.startswith(b"WEBVTT"):
                made.find("subtitles are WebVTT", name, data[:10], "WEBVTT")


def folder_of(representation):
    return (representation.init or "").rpartition("/")[0]


def check_root(made):
    what, root = "manifest.mpd", made.manifest.root
    if root.get("type") != "static":
        made.find("the manifest is static", what, root.get("type"), "static")
    if not PROFILES <= set(root.get("profiles", "").split(",")):
        made.find("the manifest names its profiles", what, root.get("profiles"), sorted(PROFILES))
    for name in WALL_CLOCKS:
        if root.get(name) is not None:
            made.find("no absolute time", what, name, "none")
    read = [each for each in made.renditions.values() if each]
    end = max((each.end for each in read), default=Fraction(0))
    declared = made.manifest.seconds("mediaPresentationDuration")
    if abs(declared - end) > Fraction(1, 1000):
        made.find("mediaPresentationDuration is the last segment's end", what, float(end), float(declared))
    longest = max((segment.duration for each in read for segment in each.segments), default=Fraction(0))
    if root.get("maxSegmentDuration") and made.manifest.seconds("maxSegmentDuration") < longest - Fraction(1, 1000):
        made.find("maxSegmentDuration holds every segment", what, float(longest), root.get("maxSegmentDuration"))


def check_set(made, values, representations):
    what = f"AdaptationSet {values.get('id')}"
    for name, expected in (("segmentAlignment", "true"), ("startWithSAP", "1")):
        if values.get(name) != expected:
            made.find(f"{name} is {expected}", what, values.get(name), expected)
    if values.get("contentType") == "audio" and not values.get("lang"):
        made.find("LANGUAGE is on every rendition", what, values.get("lang"), "a language")
    if values.get("contentType") == "video":
        for each in representations[1:]:
            times = [segment[1:] for segment in each.segments]
            if times != [segment[1:] for segment in representations[0].segments]:
                what = each.attributes.get("id")
                made.find("the SegmentTimeline is the same over an adaptation set", what, "another", "the same")


def check_representation(made, representation, rendition):
    what, values = f"Representation {representation.attributes.get('id')}", representation.set | representation.attributes
    check_timeline(made, what, representation, rendition)
    if rules_playlists.spell(values.get("codecs", "")) != rules_playlists.spell(rendition.track.codec.string):
        made.find("codecs is what the configuration says", what, rendition.track.codec.string, values.get("codecs"))
    target = int(rendition.playlist.one("EXT-X-TARGETDURATION") or 0)
    peak, _ = rules_playlists.rates(rules_playlists.pieces(rendition), target)
    if abs(int(values.get("bandwidth", "0")) - peak) > peak / 100 + 1:
        made.find("bandwidth is within 1 % of what is measured", what, f"{float(peak):.0f}", values.get("bandwidth"))
    if rendition.track.is_video:
        check_picture(made, what, values, rendition)
        return
    rate = rendition.track.codec.sample_rate
    if values.get("audioSamplingRate") != str(rate):
        made.find("audioSamplingRate is that of the track", what, rate, values.get("audioSamplingRate"))


def check_picture(made, what, values, rendition):
    size = (values.get("width"), values.get("height"))
    if size != tuple(f"{side:g}" for side in rendition.track.size):
        made.find("width and height are those of the track", what, rendition.track.size, size)
    low, high = rules_playlists.frame_rates(rendition)
    rate = Fraction(values.get("frameRate", "0"))
    if not low * Fraction(995, 1000) <= rate <= high * Fraction(1005, 1000):
        made.find("frameRate is the measured one", what, f"{float(low):.3f} to {float(high):.3f}", float(rate))


def check_timeline(made, what, representation, rendition):
    made.named.setdefault(representation.init, "manifest.mpd")
    if representation.init != f"{rendition.folder}/{rendition.playlist.map}":
        made.find("DASH names what HLS names", what, representation.init, rendition.playlist.map)
    names = [name for name, _, _ in representation.segments]
    if names != [segment.name for segment in rendition.segments]:
        made.find("DASH names what HLS names", what, names[-1:], rendition.segments[-1].name)
        return
    for (name, start, duration), segment in zip(representation.segments, rendition.segments):
        if start != segment.start or duration != segment.duration:
            made.find("the SegmentTimeline is that of the segments", name, (float(segment.start), float(segment.duration)),
                      (float(start), float(duration)))
