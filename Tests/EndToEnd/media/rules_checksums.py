"""What was noted of the objects' bytes, against the objects."""

import hashlib

RULE = "checksums are those of the objects"
FRONT = ("master.m3u8", "manifest.mpd")


def check(made):
    listed = made.prefix + "SHA256SUMS"
    check_all(made, "asset.json", made.asset.get("checksums", {}), {*FRONT, listed})
    lines = made.read(listed, lambda data: data.decode().splitlines(), "asset.json") or []
    noted = {made.prefix + line[66:]: line[:64] for line in lines}
    others = {name for name in made.stored() if name.startswith(made.prefix)}
    check_all(made, listed, noted, others - {*FRONT, listed, "asset.json"})


def check_all(made, where, noted, names):
    if set(noted) != names:
        made.find(RULE, where, f"without or beyond {sorted(set(noted) ^ names)[:3]}", f"{len(names)} objects")
    for name in sorted(set(noted) & names):
        path = made.folder / name
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no object"
        if digest != noted[name]:
            made.find(RULE, name, digest, f"{noted[name]} by {where}")
