"""`make run`: the suite at work. Starts it, sends a video through as a backend would, and stays until Ctrl-C."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from datetime import datetime, timezone

import pika
import stack as local

USER = "demo"
CLIP_SECONDS = 20
MEDIA_SECONDS = 300


def make_clip(path):
    """20 s of moving 1080p30 pictures with sound, as a phone might send them."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.mp4")
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-y",
         "-f", "lavfi", "-i", f"testsrc2=size=1920x1080:rate=30:duration={CLIP_SECONDS}",
         "-f", "lavfi", "-i", f"sine=frequency=330:beep_factor=4:duration={CLIP_SECONDS}",
         "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p",
         "-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", part],
        check=True,
    )
    part.rename(path)


def envelope(event_type, payload):
    return {
        "event_type": event_type,
        "event_id": str(uuid.uuid4()),
        "timestamp": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "source": "make-run",
        "payload": payload,
    }


class Backend:
    """What an upstream backend does: publish with confirms, listen for the answer."""

    def __init__(self, url):
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()
        self.queue = self.channel.queue_declare("", exclusive=True).method.queue
        for key in ("media.progress", "media.ready", "media.failed"):
            self.channel.queue_bind(self.queue, "events", key)

    def publish(self, event):
        properties = pika.BasicProperties(
            content_type="application/json", delivery_mode=2, message_id=event["event_id"], type=event["event_type"]
        )
        self.channel.basic_publish("events", event["event_type"], json.dumps(event), properties, mandatory=True)

    def events(self, media_id, seconds):
        """The events of one media as they come; ends after `seconds`."""
        deadline = time.monotonic() + seconds
        for _, _, body in self.channel.consume(self.queue, auto_ack=True, inactivity_timeout=0.5):
            event = json.loads(body) if body else None
            if event and event["payload"].get("media_id") == media_id:
                yield event["event_type"], event["payload"]
            if time.monotonic() > deadline:
                return


class ProgressLine:
    """One line that is written over on a terminal, and one line per tenth elsewhere."""

    def __init__(self):
        self.live = sys.stdout.isatty()
        self.last = -1

    def show(self, progress):
        percent = int(progress["percent"])
        eta = f", {round(progress['eta_s'])} s left" if progress.get("eta_s") is not None else ""
        text = f"{progress['stage']} {percent:3d} %{eta}"
        if self.live:
            width = max(10, min(40, shutil.get_terminal_size().columns - 45))
            done = percent * width // 100
            print(f"\r  [{'█' * done}{'·' * (width - done)}] {text:<32}", end="", flush=True)
        elif percent // 10 > self.last:
            self.last = percent // 10
            print(f"  {text}", flush=True)

    def end(self):
        if self.live:
            print(flush=True)


def send_through(stack, clip):
    """Publishes the clip and shows its way; returns the final event, its payload and the seconds it took."""
    backend = Backend(stack.environment["AMQP_URL"])
    media_id = str(uuid.uuid4())
    started = time.monotonic()
    backend.publish(envelope("media.uploaded", {
        "media_id": media_id, "user_id": USER, "file_path": str(clip), "content_type": "video/mp4",
        "file_size": clip.stat().st_size, "metadata": {"title": "make run"},
    }))
    line = ProgressLine()
    for event_type, payload in backend.events(media_id, MEDIA_SECONDS):
        if event_type == "media.progress":
            line.show(payload)
            continue
        line.end()
        return event_type, payload, time.monotonic() - started
    raise local.StackError(f"no media.ready after {MEDIA_SECONDS} s; see {stack.state}/log/media-processor.log")


def token(stack):
    command = [stack.binaries / "martlet", "token", "--sub", USER, "--name", "Demo", "--ttl", "24h"]
    environment = os.environ | stack.environment
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def summary(stack, ready, seconds):
    thumbnails = ready["thumbnail_urls"]
    page = f"{stack.environment['GATEWAY_URL']}/?media={ready['media_id']}&room=demo&token={token(stack)}"
    return f"""
  HLS         {ready['playback_urls']['hls']}
  DASH        {ready['playback_urls']['dash']}
  Thumbnails  {len(thumbnails)}, from {thumbnails[0] if thumbnails else '-'}
  Rungs       {', '.join(ready['resolutions'])}
  Time        {seconds:.1f} s for {ready['duration']:.1f} s of video
  Logs        {stack.state}/log
  Settings    AMQP_URL={stack.environment['AMQP_URL']}

  Watch it    {page}

Ctrl-C ends it all."""


def main():
    stack = local.local_stack()
    stop_at_end = True
    stop = lambda *_: sys.exit(0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        print("Starting RabbitMQ and the three services ...", flush=True)
        stack.start(foreground=True)
        clip = stack.state / "uploads/demo.mp4"
        print(f"Making a {CLIP_SECONDS} s clip and publishing media.uploaded ...", flush=True)
        make_clip(clip)
        event_type, payload, seconds = send_through(stack, clip)
        if event_type == "media.failed":
            raise local.StackError(f"media.failed: {payload['reason']}: {payload['message']}")
        print(summary(stack, payload, seconds), flush=True)
        while True:
            signal.pause()
    except local.AlreadyRunning as error:
        stop_at_end = False
        sys.exit(f"make run: {error}")
    except local.StackError as error:
        sys.exit(f"make run: {error}")
    finally:
        # A second Ctrl-C must not interrupt the stopping.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if stop_at_end:
            stack.stop()


if __name__ == "__main__":
    main()
