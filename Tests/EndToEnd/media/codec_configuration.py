"""What the configuration boxes of H.264, HEVC, AV1 and AAC say: the codecs string (RFC 6381) and the picture's size."""

import struct
from dataclasses import dataclass

from bits import Bits, without_emulation


@dataclass
class Codec:
    # Of the sample entry: avc1, hvc1, av01, mp4a.
    entry: str
    # As CODECS should spell it.
    string: str
    # Pixels after cropping, by the codec's own header; None for sound.
    size: tuple = None
    # Width and height of a pixel where the header tells.
    pixel: tuple = None
    # Bytes before each NAL unit.
    length_size: int = 0
    sample_rate: int = 0
    channels: int = 0


def read(entry):
    """From a sample entry's box."""
    readers = {b"avc1": avc, b"avc3": avc, b"hvc1": hevc, b"hev1": hevc, b"av01": av1, b"mp4a": aac}
    if entry.type not in readers:
        return Codec(entry.type.decode("latin-1"), entry.type.decode("latin-1"))
    return readers[entry.type](entry)


# H.264: ISO/IEC 14496-15 5.3.3.1, ITU-T H.264 7.3.2.1.1


def avc(entry):
    content = entry.one(b"avcC").content
    length = struct.unpack_from(">H", content, 6)[0]
    size, pixel = avc_size(content[8:8 + length])
    return Codec("avc1", f"avc1.{content[1:4].hex().upper()}", size, pixel, (content[4] & 3) + 1)


def avc_size(unit):
    bits = Bits(without_emulation(unit[1:]))
    profile = bits.take(8)
    bits.skip(16)
    bits.unsigned()
    chroma = 1
    if profile in (100, 110, 122, 244, 44, 83, 86, 118, 128):
        chroma = bits.unsigned()
        if chroma == 3:
            bits.skip(1)
        bits.unsigned()
        bits.unsigned()
        bits.skip(1)
        if bits.take(1):
            raise ValueError("scaling matrices are not expected here")
    bits.unsigned()
    order = bits.unsigned()
    if order == 0:
        bits.unsigned()
    elif order == 1:
        bits.skip(1)
        bits.signed()
        bits.signed()
        for _ in range(bits.unsigned()):
            bits.signed()
    bits.unsigned()
    bits.skip(1)
    width, height = (bits.unsigned() + 1) * 16, bits.unsigned() + 1
    frames_only = bits.take(1)
    height *= 16 * (2 - frames_only)
    bits.skip(1 if frames_only else 2)
    if bits.take(1):
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
        across = 2 if chroma in (1, 2) else 1
        down = (2 if chroma == 1 else 1) * (2 - frames_only)
        width -= (left + right) * across
        height -= (top + bottom) * down
    return (width, height), pixel_shape(bits)


def pixel_shape(bits):
    """From the start of the VUI's flag: Table E-1's numbers 1 (square) and 255 (extended)."""
    if not bits.take(1) or not bits.take(1):
        return None
    number = bits.take(8)
    if number == 255:
        return bits.take(16), bits.take(16)
    return (1, 1) if number == 1 else (number, 0) if number else None


# HEVC: ISO/IEC 14496-15 8.3.3.1 and E.3, ITU-T H.265 7.3.2.2.1


def hevc(entry):
    content = entry.one(b"hvcC").content
    profile, compatibility = content[1], struct.unpack_from(">I", content, 2)[0]
    constraints = content[6:12].rstrip(b"\0")
    reversed_bits = int(f"{compatibility:032b}"[::-1], 2)
    parts = [
        ("", "A", "B", "C")[profile >> 6] + str(profile & 31), f"{reversed_bits:X}",
        ("H" if profile & 32 else "L") + str(content[12]), *(f"{byte:X}" for byte in constraints),
    ]
    name = entry.type.decode()
    return Codec(name, ".".join([name, *parts]), hevc_size(content), None, (content[21] & 3) + 1)


def hevc_size(content):
    place = 23
    for _ in range(content[22]):
        kind, count = content[place] & 63, struct.unpack_from(">H", content, place + 1)[0]
        place += 3
        for _ in range(count):
            length = struct.unpack_from(">H", content, place)[0]
            if kind == 33:
                return hevc_sps_size(content[place + 2:place + 2 + length])
            place += 2 + length
    return None


def hevc_sps_size(unit):
    bits = Bits(without_emulation(unit[2:]))
    bits.skip(4)
    layers = bits.take(3)
    bits.skip(1 + 96)
    flags = [(bits.take(1), bits.take(1)) for _ in range(layers)]
    if layers:
        bits.skip(2 * (8 - layers))
    for profile, level in flags:
        bits.skip(88 * profile + 8 * level)
    bits.unsigned()
    chroma = bits.unsigned()
    if chroma == 3:
        bits.skip(1)
    width, height = bits.unsigned(), bits.unsigned()
    if bits.take(1):
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
        width -= (left + right) * (2 if chroma in (1, 2) else 1)
        height -= (top + bottom) * (2 if chroma == 1 else 1)
    return width, height


# AV1: AV1 Codec ISO Media File Format Binding 2.3.3 and 5, AV1 Bitstream 5.5.1


def av1(entry):
    content = entry.one(b"av1C").content
    profile, level, tier = content[1] >> 5, content[1] & 31, content[2] >> 7
    depth = 8 if not content[2] & 0x40 else 12 if content[2] & 0x20 else 10
    string = f"av01.{profile}.{level:02d}{'H' if tier else 'M'}.{depth:02d}"
    return Codec("av01", string, av1_size(content[4:]))


def av1_units(data):
    """(Type, payload) of the OBUs in a sample or a configuration."""
    place = 0
    while place < len(data):
        header = data[place]
        place += 2 if header & 4 else 1
        length = shift = 0
        if header & 2:
            while True:
                byte = data[place]
                place += 1
                length |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
        else:
            length = len(data) - place
        yield header >> 3 & 15, data[place:place + length]
        place += length


def av1_size(data):
    for kind, payload in av1_units(data):
        if kind == 1:
            return av1_sequence_size(payload)
    return None


def av1_sequence_size(payload):
    bits = Bits(payload)
    bits.skip(4)
    if bits.take(1):
        bits.skip(5)
    else:
        model = av1_decoder_model(bits)
        delay = bits.take(1)
        for _ in range(bits.take(5) + 1):
            bits.skip(12)
            if bits.take(5) > 7:
                bits.skip(1)
            if model and bits.take(1):
                bits.skip(2 * model + 1)
            if delay and bits.take(1):
                bits.skip(4)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    return bits.take(width_bits) + 1, bits.take(height_bits) + 1


def av1_decoder_model(bits):
    """Passes the timing; the bits of a buffer delay where there is a decoder model."""
    if not bits.take(1):
        return 0
    bits.skip(64)
    if bits.take(1):
        bits.unsigned()
    if not bits.take(1):
        return 0
    length = bits.take(5) + 1
    bits.skip(42)
    return length


# AAC: ISO/IEC 14496-1 7.2.6, 14496-3 1.6.2.1


AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


def aac(entry):
    # The sample entry's own fields are often those of a template.
    configuration = Bits(descriptor(entry.one(b"esds").content[4:], (3, 4, 5)))
    kind = configuration.take(5)
    if kind == 31:
        kind = 32 + configuration.take(6)
    rate = configuration.take(4)
    rate = AAC_RATES[rate] if rate < len(AAC_RATES) else configuration.take(24)
    return Codec("mp4a", f"mp4a.40.{kind}", sample_rate=rate, channels=configuration.take(4))


def descriptor(data, tags):
    """The content of nested descriptors; what their own fields take is skipped."""
    for tag in tags:
        if data[0] != tag:
            raise ValueError(f"descriptor {data[0]}, expected {tag}")
        place = 1
        while data[place] & 128:
            place += 1
        data = data[place + 1:]
        if tag == 3:
            data = data[3:]
        elif tag == 4:
            data = data[13:]
    return data
