"""Bits of a header, most significant first, with the codes that video headers use."""


class Bits:
    def __init__(self, data):
        self.data = data
        self.place = 0

    def take(self, count):
        value = 0
        for _ in range(count):
            byte = self.data[self.place // 8]
            value = value << 1 | byte >> (7 - self.place % 8) & 1
            self.place += 1
        return value

    def skip(self, count):
        self.place += count

    def unsigned(self):
        """ue(v), ITU-T H.264 9.1."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self):
        value = self.unsigned()
        return (value + 1) // 2 if value % 2 else -(value // 2)


def without_emulation(data):
    """A NAL unit's payload: 00 00 03 stands for 00 00."""
    return data.replace(b"\0\0\3", b"\0\0")
