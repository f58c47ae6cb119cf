"""What people upload, as small files that ffmpeg makes; each with what must come of it."""

import json
import subprocess
from dataclasses import dataclass, field

SECONDS = 3
STEREO = ("-ac", "2")
PICTURES = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac")
# Upper left, upper right, lower left, lower right.
UPRIGHT = "red lime blue white"


@dataclass
class Case:
    """An input and its expected outcome; a failure where there is a reason, one of those listed."""

    name: str
    make: object
    rungs: list = field(default_factory=list)
    # (Language, channels), the default first.
    sound: list = field(default_factory=lambda: [("und", 1)])
    subtitles: list = field(default_factory=list)
    seconds: float = SECONDS
    tolerance: float = 0.06
    # None where nobody can tell: packets may be missing between files that were joined byte by byte.
    incomplete: bool = False
    reason: str = None
    frames: range = None
    corners: str = None
    # Of every part of every pixel.
    grey: range = None
    is_repeated: bool = False
    options: tuple = ()


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, arguments)], check=True)


def pictures(size="320x180", rate=25, seconds=SECONDS, more=""):
    return ("-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}{more}")


def quarters(size="320x180", rate=25, seconds=SECONDS):
    """A quarter in each of four colours: tells how a picture is turned."""
    boxes = ("lime", "iw/2", "0"), ("blue", "0", "ih/2"), ("white", "iw/2", "ih/2")
    drawn = "".join(f",drawbox=x={x}:y={y}:w=iw/2:h=ih/2:c={colour}:t=fill" for colour, x, y in boxes)
    return ("-f", "lavfi", "-i", f"color=red:size={size}:rate={rate}:duration={seconds}{drawn}")


def tone(seconds=SECONDS, rate=48000, frequency=440):
    return ("-f", "lavfi", "-i", f"sine=frequency={frequency}:sample_rate={rate}:duration={seconds}")


def plain(*more, size="320x180", rate=25, seconds=SECONDS):
    """H.264 and AAC, unless `more` says otherwise."""
    return (*pictures(size, rate, seconds), *tone(seconds), *PICTURES, *AAC, *more)


def one(*arguments):
    """A file from one command."""
    return lambda path: ffmpeg(*arguments, path)


def rung(width, height):
    return [(f"{min(width, height)}p", width, height)]


def joined(*commands):
    """Files that are put one behind the other byte by byte."""

    def make(path):
        parts = []
        for number, command in enumerate(commands):
            part = path.with_name(f"{path.stem}.{number}{path.suffix}")
            ffmpeg(*command, part)
            parts.append(part.read_bytes())
        path.write_bytes(b"".join(parts))

    return make


def again(first, *more, before=()):
    """A file that is copied once more with other options: `before` and `more` are those of its input and its output."""

    def make(path):
        source = path.with_name(f"source-{path.name}")
        ffmpeg(*first, source)
        ffmpeg(*before, "-i", source, *more, path)

    return make


def cut(first, share):
    """A file of which only a share has arrived."""

    def make(path):
        ffmpeg(*first, path)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    return make


def holed(first, start, end):
    """A file in which a stretch between two shares is lost: zeros."""

    def make(path):
        ffmpeg(*first, path)
        data = bytearray(path.read_bytes())
        start_byte, end_byte = int(len(data) * start), int(len(data) * end)
        data[start_byte:end_byte] = bytes(end_byte - start_byte)
        path.write_bytes(data)

    return make


def with_subtitles(*codec):
    def make(path):
        text = path.with_suffix(".srt")
        text.write_text("1\n00:00:00,500 --> 00:00:01,200\nHello <i>there</i>\n\n2\n00:00:01,500 --> 00:00:02,800\nÄpfel & Birnen\n\n")
        ffmpeg(*pictures(), *tone(), "-i", text, *PICTURES, *AAC, *codec, "-metadata:s:s:0", "language=ger", path)

    return make


def with_cover(*arguments):
    def make(path):
        cover = path.with_name(f"{path.name}.png")
        ffmpeg("-f", "lavfi", "-i", "testsrc=size=300x300:rate=1:duration=1", "-frames:v", "1", cover)
        ffmpeg(*arguments[0], "-i", cover, *arguments[1:], path)

    return make


def bytes_of(content):
    return lambda path: path.write_bytes(content)


def element(name, content):
    """Of EBML, with a length of eight bytes (RFC 8794 4 and 5)."""
    return name + (1 << 56 | len(content)).to_bytes(8, "big") + content


def many_tracks(count):
    """Matroska that says it has so many tracks of sound."""
    head = element(b"\x1a\x45\xdf\xa3", element(b"\x42\x82", b"matroska"))
    track = lambda number: element(b"\xae", b"".join([
        element(b"\xd7", number.to_bytes(4, "big")), element(b"\x73\xc5", number.to_bytes(4, "big")), element(b"\x83", b"\2"),
        element(b"\x86", b"A_PCM/INT/LIT"), element(b"\xe1", element(b"\x9f", b"\1") + element(b"\x62\x64", b"\x10")),
    ]))
    tracks = element(b"\x16\x54\xae\x6b", b"".join(map(track, range(1, count + 1))))
    block = element(b"\xa3", b"\x81\0\0\x80" + bytes(2000))
    cluster = element(b"\x1f\x43\xb6\x75", element(b"\xe7", b"\0") + block)
    return lambda path: path.write_bytes(head + element(b"\x18\x53\x80\x67", tracks + cluster))


def grey(colour, seconds=1):
    return ("-f", "lavfi", "-i", f"color={colour}:size=320x180:rate=25:duration={seconds}")


def hdr(transfer, source=quarters(seconds=1)):
    parameters = f"log-level=none:pools=1:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    colours = ("-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc")
    return (*source, *tone(1), "-vf", "format=yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast",
            "-x265-params", parameters, *colours, "-tag:v", "hvc1", *AAC)


def with_ladder(*rungs):
    """The file, and beside it a ladder."""

    def make(path):
        path.with_name("ladder.json").write_text(json.dumps({"rungs": rungs}))
        ffmpeg(*plain(size="640x480"), path)

    return make


def languages(path):
    ffmpeg(*pictures(), *tone(), *tone(frequency=660), *tone(frequency=880), "-map", 0, "-map", 1, "-map", 2, "-map", 3,
           *PICTURES, *AAC, *STEREO, "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger", "-metadata:s:a:2",
           "language=fre", "-disposition:a:0", "0", "-disposition:a:1", "default", path)


def two_pictures(path):
    ffmpeg(*pictures("160x90"), *pictures("320x180"), *tone(), "-map", 0, "-map", 1, "-map", 2, *PICTURES, *AAC,
           "-disposition:v:0", "0", "-disposition:v:1", "default", path)


# Groups as long as ours, and no more bits than a rung may have.
CLOSED = ("-preset", "veryfast", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0", "-flags", "+cgop", "-crf", "30", "-maxrate", "800k",
          "-bufsize", "1600k")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:pools=1")
SMALL = rung(320, 180)

CONTAINERS_AND_CODECS = [
    Case("plain.mp4", one(*plain(size="640x360", rate=30)), rung(640, 360), frames=range(90, 91), is_repeated=True),
    Case("prores.mov", one(*plain("-c:v", "prores_ks", "-pix_fmt", "yuv422p10le", "-c:a", "pcm_s24le")), SMALL),
    Case("animation.mov", one(*plain("-c:v", "qtrle", "-pix_fmt", "argb", "-c:a", "alac")), SMALL),
    Case("timecode.mov", one(*plain("-timecode", "01:00:00:00")), SMALL),
    Case("fragmented.mp4", one(*plain("-movflags", "frag_keyframe+empty_moov", "-g", "10")), SMALL, frames=range(75, 76)),
    Case("hevc.mkv", one(*plain(*X265, "-c:a", "libopus")), SMALL),
    Case("ffv1.mkv", one(*plain("-c:v", "ffv1", "-pix_fmt", "yuv444p", "-c:a", "flac")), SMALL, is_repeated=True),
    Case("vp9.webm", one(*plain("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus")), SMALL),
    Case("browser.webm", one(*plain("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-live", "1", "-output_ts_offset", "0.5")),
         SMALL),
    Case("vp8.webm", one(*plain("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis")), SMALL),
    Case("av1.webm", one(*plain("-c:v", "libsvtav1", "-preset", "12", "-c:a", "libopus", seconds=2)), SMALL, seconds=2),
    Case("broadcast.ts", one(*plain("-c:v", "mpeg2video", "-c:a", "ac3")), SMALL),
    Case("camera.ts", one(*plain("-c:a", "mp2", "-bf", "2")), SMALL),
    Case("old.flv", one(*plain("-c:v", "flv", "-c:a", "libmp3lame", "-ar", "44100")), SMALL),
    Case("divx.avi", one(*plain("-c:v", "mpeg4", "-bf", "2", "-c:a", "libmp3lame")), SMALL),
    Case("motion-jpeg.avi", one(*plain("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le")), SMALL),
    Case("camcorder.avi", one(*plain("-c:v", "dvvideo", "-s", "720x576", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le", "-ar", "48000",
                                     "-aspect", "4:3")), [("480p", 640, 480), ("360p", 480, 360)]),
    Case("cineform.mov", one(*plain("-c:v", "cfhd", "-pix_fmt", "yuv422p10le", "-c:a", "pcm_s24be")), SMALL),
    Case("uncompressed.mov", one(*plain("-c:v", "v210", "-pix_fmt", "yuv422p10le", "-c:a", "pcm_s16be")), SMALL),
    Case("cinema.mov", one(*quarters(), *tone(), "-c:v", "jpeg2000", "-pix_fmt", "rgb48le", *AAC), SMALL, corners=UPRIGHT),
    Case("cinepak.mov", one(*quarters(), *tone(), "-c:v", "cinepak", "-c:a", "adpcm_ima_qt"), SMALL, corners=UPRIGHT),
    Case("sorenson.mov", one(*plain("-c:v", "svq1", "-pix_fmt", "yuv410p", "-c:a", "adpcm_ima_qt")), SMALL),
    Case("video-1.avi", one(*quarters(), *tone(), "-c:v", "msvideo1", "-c:a", "adpcm_ms"), SMALL, corners=UPRIGHT),
    Case("emulator.avi", one(*quarters(), *tone(), "-c:v", "zmbv", "-c:a", "pcm_u8"), SMALL, corners=UPRIGHT),
    Case("screen.flv", one(*quarters(), *tone(), "-c:v", "flashsv", *AAC), SMALL, corners=UPRIGHT),
    Case("theora.ogv", one(*plain("-c:v", "libtheora", "-c:a", "libvorbis")), SMALL),
    Case("phone.3gp", one(*plain("-c:v", "h263", "-s", "352x288", "-c:a", "aac", "-ar", "22050")), rung(512, 288)),
]

SOUND_ALONE = [
    Case("song.mp3", one(*tone(), "-c:a", "libmp3lame"), seconds=SECONDS, is_repeated=True),
    Case("song.wav", one(*tone(rate=44100), *STEREO), sound=[("und", 2)]),
    Case("song.aac", one(*tone(), *AAC)),
    Case("song.flac", one(*tone(rate=96000), "-c:a", "flac", "-sample_fmt", "s32")),
    Case("song.ogg", one(*tone(), "-c:a", "libopus")),
    Case("memo.wav", one(*tone(rate=8000), "-c:a", "pcm_alaw")),
    Case("cover.mp3", with_cover(tone(), "-map", "0", "-map", "1", "-c:a", "libmp3lame", "-disposition:v:0", "attached_pic")),
    Case("cover.m4a", with_cover(tone(), "-map", "0", "-map", "1", *AAC, "-c:v", "png", "-disposition:v:0", "attached_pic")),
    Case("a-second.wav", one(*tone(0.2)), seconds=0.2),
]

SHAPES = [
    Case("turned-90.mp4", again((*quarters(), *tone(), *PICTURES, *AAC), "-c", "copy", "-metadata:s:v:0", "rotate=90"),
         rung(180, 320), corners="lime white red blue"),
    Case("turned-180.mp4", again((*quarters(), *tone(), *PICTURES, *AAC), "-c", "copy", "-metadata:s:v:0", "rotate=180"),
         SMALL, corners="white blue lime red"),
    Case("turned-270.mp4", again((*quarters(), *tone(), *PICTURES, *AAC), "-c", "copy", "-metadata:s:v:0", "rotate=270"),
         rung(180, 320), corners="blue red white lime"),
    Case("portrait.mp4", one(*quarters("360x640"), *tone(), *PICTURES, *AAC), rung(360, 640), corners=UPRIGHT),
    Case("widescreen-dv.mp4", one(*plain("-vf", "scale=720:576,setsar=64/45")), [("480p", 854, 480), ("360p", 640, 360)]),
    Case("tall-pixels.mkv", one(*plain("-vf", "scale=320:180,setsar=1/2")), rung(320, 360)),
    Case("odd.mkv", one(*plain("-vf", "scale=321:181,setsar=1", "-pix_fmt", "yuv444p")), rung(320, 180)),
    Case("tower.mkv", one(*plain("-vf", "scale=101:333,setsar=1", "-pix_fmt", "yuv444p")), rung(100, 330)),
    Case("cropped.mp4", one(*plain(size="640x354")), [("360p", 640, 354)]),
    Case("tiny.mp4", one(*plain(size="16x16")), rung(16, 16)),
    Case("full.mp4", one(*plain(size="1920x1080", rate=30, seconds=1)),
         [("1080p", 1920, 1080), ("720p", 1280, 720), ("480p", 854, 480), ("360p", 640, 360)], seconds=1),
    Case("two-pictures.mkv", two_pictures, SMALL),
]

PIXELS = [
    Case("interlaced.ts", one(*plain("-vf", "scale=720:576,setsar=16/15,tinterlace=interleave_top,fieldorder=tff", "-flags", "+ilme+ildct",
                                     "-c:v", "mpeg2video", rate=50)), [("480p", 640, 480), ("360p", 480, 360)]),
    Case("ten-bit.mkv", one(*plain("-pix_fmt", "yuv420p10le")), SMALL),
    Case("rgb.mkv", one(*quarters(), *tone(), "-c:v", "libx264rgb", "-preset", "ultrafast", *AAC), SMALL, corners=UPRIGHT),
    Case("hdr10.mp4", one(*hdr("smpte2084")), SMALL, seconds=1, corners=UPRIGHT),
    # 0x82 is about 100 cd/m2, which is white on an ordinary screen, or nearly.
    Case("hdr10-grey.mp4", one(*hdr("smpte2084", grey("0x828282"))), SMALL, seconds=1, grey=range(150, 256)),
    Case("full-range.avi", one(*grey("0xc0c0c0"), *tone(1), "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"), SMALL,
         seconds=1, grey=range(188, 197)),
    Case("hlg.mp4", one(*hdr("arib-std-b67")), SMALL, seconds=1, corners=UPRIGHT),
]

TIMES = [
    Case("variable.mkv", one(*plain("-vf", "select='lt(n,20)+not(mod(n,7))'", "-vsync", "vfr")), SMALL, frames=range(28, 31)),
    Case("fast.mp4", one(*plain(rate=120)), SMALL, frames=range(178, 182)),
    Case("slow.mp4", one(*plain(rate=2, seconds=5)), SMALL, seconds=5, frames=range(10, 12)),
    Case("ntsc.mp4", one(*plain(rate="30000/1001", seconds=5)), SMALL, seconds=5, frames=range(149, 151)),
    Case("one-picture.mp4", one(*plain("-vf", "trim=end_frame=1")), SMALL, frames=range(6, 8)),
    Case("still-and-song.mp4", one(*plain("-vf", "fps=1")), SMALL, frames=range(6, 8)),
    Case("sizes-change.ts", joined(plain(seconds=2), plain(size="160x120", seconds=2)), SMALL, seconds=4, incomplete=None),
    Case("overlapping.ts", joined(plain(), plain()), SMALL, seconds=6, incomplete=None),
    Case("no-timestamps.avi", one(*plain("-bf", "3")), SMALL, tolerance=0.15),
    Case("edited.mp4", again(plain("-g", "50"), "-c", "copy", before=("-ss", "1.3")), SMALL, seconds=1.7, tolerance=0.09),
    Case("late-sound.mkv", one(*pictures(), "-itsoffset", "0.7", *tone(2), *PICTURES, *AAC), SMALL),
    Case("late-pictures.mkv", one("-itsoffset", "0.7", *pictures(seconds=2), *tone(), *PICTURES, *AAC), SMALL),
    Case("short-sound.mp4", one(*pictures(seconds=6), *tone(1), *PICTURES, *AAC), SMALL, seconds=6),
    Case("short-pictures.mp4", one(*pictures(seconds=1), *tone(6), *PICTURES, *AAC), SMALL, seconds=6),
    Case("wrapping.ts", one(*plain("-output_ts_offset", "95442")), SMALL),
    Case("started-late.mkv", one(*plain("-output_ts_offset", "100")), SMALL),
    Case("paused.ts", joined(plain(), plain("-output_ts_offset", "60")), SMALL, seconds=6, incomplete=None),
    Case("long-groups.mp4", one(*plain("-g", "1000", "-bf", "3", seconds=9)), SMALL, seconds=9, frames=range(225, 226)),
    Case("longer.mkv", one(*plain("-bf", "2", seconds=13)), SMALL, seconds=13, frames=range(325, 326), is_repeated=True),
]

TRACKS = [
    Case("silent.mp4", one(*pictures(), *PICTURES), SMALL, sound=[], frames=range(75, 76)),
    Case("surround.mkv", one(*pictures(), "-f", "lavfi", "-i", f"sine=duration={SECONDS},aformat=channel_layouts=5.1", *PICTURES,
                             "-c:a", "ac3"), SMALL, sound=[("und", 2)]),
    Case("languages.mkv", languages, SMALL, sound=[("de", 2), ("en", 2), ("fr", 2)]),
    Case("subtitles.mkv", with_subtitles("-c:s", "srt"), SMALL, subtitles=["de"]),
    Case("subtitles.mp4", with_subtitles("-c:s", "mov_text"), SMALL, subtitles=["de"]),
    Case("cover.mp4", with_cover(plain()[:-len((*PICTURES, *AAC))], "-map", "0", "-map", "1", "-map", "2", *PICTURES, "-c:v:1", "png", *AAC,
                                 "-disposition:v:1", "attached_pic"), SMALL),
]

LADDERS = [
    Case("to-hevc.mp4", one(*plain(size="640x360")), rung(640, 360), options=("--codec", "hevc"), is_repeated=True),
    Case("to-av1.mp4", one(*plain(size="640x360", seconds=2)), rung(640, 360), seconds=2, options=("--codec", "av1"), is_repeated=True),
    Case("own-ladder.mp4", with_ladder({"short_side": 400, "max_bitrate": 600_000}, {"short_side": 200, "max_bitrate": 150_000, "name": "small"}),
         [("400p", 534, 400), ("small", 266, 200)], options=("--ladder", "ladder.json")),
    Case("chosen.mp4", one(*plain(size="1280x720", seconds=1)), [("360p", 640, 360)], seconds=1, options=("--rungs", "360p")),
    Case("short-segments.mp4", one(*plain("-bf", "2", seconds=5)), SMALL, seconds=5, options=("--segment-seconds", "1")),
    # What fits as it is, and what only seems to.
    Case("closed-groups.mp4", one(*plain(*CLOSED, "-bf", "2", seconds=9)), SMALL, seconds=9, frames=range(225, 226), is_repeated=True),
    Case("closed-groups.mkv", one(*plain(*CLOSED, "-bf", "3", size="1280x720", seconds=5)),
         [("720p", 1280, 720), ("480p", 854, 480), ("360p", 640, 360)], seconds=5, frames=range(125, 126)),
    Case("open-groups.mp4", one(*plain(*CLOSED, "-flags", "-cgop", "-x264-params", "open-gop=1", "-bf", "3", seconds=9)), SMALL, seconds=9,
         frames=range(225, 226)),
    Case("uneven-groups.mp4", one(*plain(*CLOSED, "-g", "37", "-bf", "2", seconds=9)), SMALL, seconds=9, frames=range(225, 226)),
    Case("turned-groups.mp4", again((*quarters(seconds=5), *tone(5), *PICTURES, *CLOSED, *AAC), "-c", "copy", "-metadata:s:v:0", "rotate=90"),
         rung(180, 320), seconds=5, corners="lime white red blue"),
]

BROKEN = [
    Case("half.mkv", cut(plain(seconds=4), 0.5), SMALL, seconds=2, tolerance=0.6, incomplete=True),
    Case("half.ts", cut(plain(seconds=4), 0.5), SMALL, seconds=2, tolerance=0.6, incomplete=True),
    Case("half-indexed.mp4", cut(plain("-movflags", "+faststart", seconds=4), 0.5), SMALL, seconds=2, tolerance=0.6, incomplete=True),
    Case("half.mp3", cut((*tone(), "-c:a", "libmp3lame", "-write_xing", "1"), 0.5), seconds=1.5, tolerance=0.2, incomplete=True),
    Case("holed.mkv", holed(plain("-g", "10", seconds=4), 0.4, 0.5), SMALL, seconds=4, tolerance=0.5, incomplete=True),
    Case("index-lost.mp4", cut(plain(), 0.6), reason="decode_failed"),
    Case("empty.mp4", bytes_of(b""), reason="empty"),
    Case("letter.mp4", bytes_of(b"Dear all,\n" * 400), reason="not_media"),
    Case("no-samples.mp4", one(*pictures(), "-t", "0", *PICTURES), reason="no_streams"),
    Case("animation.gif", one(*pictures(seconds=1)), reason="not_media"),
    Case("slides.mp4", bytes_of(b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n"),
         reason="not_media"),
    Case("many-tracks.mkv", many_tracks(100_000), reason="too_large unsupported"),
    Case("bomb.mkv", one("-f", "lavfi", "-i", "color=black:size=9000x9000:rate=1:duration=1", "-pix_fmt", "gray", "-c:v", "png"), reason="decode_failed too_large unsupported"),
    Case("concatenation.mp4", bytes_of(b"ffconcat version 1.0\nfile /etc/passwd\n"), reason="not_media"),
]

CASES = [*CONTAINERS_AND_CODECS, *SOUND_ALONE, *SHAPES, *PIXELS, *TIMES, *TRACKS, *LADDERS, *BROKEN]


def make(case, folder):
    """The input's path."""
    path = folder / case.name
    case.make(path)
    return path
