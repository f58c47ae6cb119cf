"""Sets what the backend got a confirm for against what arrived."""

import collections

# Kind -> what must come of it, as the witness sees it.
OUTCOMES = {
    "in_app": [("notification.in_app",), ("notification.delivered", "notification.failed")],
    "webhook": [("notification.delivered", "notification.failed")],
    "media": [("media.ready", "media.failed")],
}


class Ledger:
    """One line per kind of event; an effect is what a receiver can tell from the others by its id."""

    def __init__(self, events, confirmed, witness, receiver, viewer, parked, unrouted, watched):
        self.events = [event for event in events if event.id in confirmed]
        self.receiver = receiver
        self.viewer = viewer
        self.parked = parked
        self.unrouted = unrouted
        # Broadcasts that were published while the viewer was there and nothing was broken.
        self.watched = watched
        self.effects = effects(witness.seen)
        self.lines = [self.line(kind) for kind in ("in_app", "webhook", "media", "broadcast", "stray")]

    def line(self, kind):
        events = [event for event in self.events if event.kind == kind]
        verdicts = [self.verdict(event) for event in events]
        count = lambda field: sum(verdict[field] for verdict in verdicts)
        line = {
            "kind": kind, "confirmed": len(events), "complete": count("complete"), "parked": count("parked"),
            "lost": count("lost"), "duplicates": count("duplicates"), "repeated": count("repeated"),
        }
        line["lost_ids"] = [event.id for event, verdict in zip(events, verdicts) if verdict["lost"]][:20]
        return line

    def verdict(self, event):
        arrived, duplicates, repeated = getattr(self, f"see_{event.kind}")(event)
        is_parked = event.id in self.parked
        return {
            "complete": arrived, "parked": is_parked, "lost": not arrived and not is_parked,
            "duplicates": duplicates, "repeated": repeated,
        }

    def see_in_app(self, event):
        return self.seen_by_witness(event)

    def see_media(self, event):
        return self.seen_by_witness(event)

    def see_webhook(self, event):
        arrived, duplicates, repeated = self.seen_by_witness(event)
        taken = self.receiver.taken[event.id]
        types = [kind for kind, _ in self.effects[event.id]]
        # Told as failed it may have been taken or not; told as delivered it must have been.
        is_true = taken > 0 or "notification.failed" in types
        return arrived and is_true, duplicates, repeated + max(0, taken - 1)

    def see_broadcast(self, event):
        seen = self.viewer.seen[event.id]
        # One event on the wire has no id that a client keeps: a second sight is a second effect.
        return seen > 0 or event.id not in self.watched, max(0, seen - 1), 0

    def see_stray(self, event):
        return event.id in self.unrouted, 0, 0

    def seen_by_witness(self, event):
        """Whether all came of it, how many came under another id than the first, and how many under the same."""
        seen = self.effects[event.id]
        groups = [[ids for kind, ids in seen.items() if kind[0] in group] for group in OUTCOMES[event.kind]]
        numbers = collections.Counter({kind: count for kind, count in seen.items()})
        different = sum(max(0, len(group) - 1) for group in groups)
        return all(groups), different, sum(count - 1 for count in numbers.values())

    @property
    def lost(self):
        return sum(line["lost"] for line in self.lines)

    @property
    def duplicates(self):
        return sum(line["duplicates"] for line in self.lines)

    def table(self):
        columns = ["kind", "confirmed", "complete", "parked", "lost", "duplicates", "repeated"]
        return table(columns, [[line[column] for column in columns] for line in self.lines])


def effects(seen):
    """Id of the cause -> (type, id) -> how often it was seen."""
    found = collections.defaultdict(collections.Counter)
    for event in seen:
        cause = event.payload.get("notification_id") or event.payload.get("media_id")
        found[cause][event.event_type, event.event_id] += 1
    return found


def table(header, rows):
    """Columns of equal width, numbers to the right."""
    cells = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[place]) for row in cells) for place in range(len(header))]
    align = lambda row: "  ".join(
        cell.ljust(width) if place == 0 else cell.rjust(width) for place, (cell, width) in enumerate(zip(row, widths))
    )
    return "\n".join(align(row).rstrip() for row in cells)
