"""Files as people upload them, made by ffmpeg."""

import subprocess


class Clips:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def make(self, name, size="640x360", seconds=6, rate=30, video=True, audio=True, more=()):
        """A clip by name; made once."""
        path = self.folder / name
        if path.exists():
            return path
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
        if video:
            command += ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]
        if audio:
            command += ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"]
        if video:
            command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
        if audio:
            command += ["-c:a", "aac"]
        subprocess.run([*command, *more, path], check=True)
        return path

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path
