"""Checks everything that was made of one media against the rules that outputs are held to.

    python3 media_rules.py FOLDER      prints a line for each finding; exit code 1 if there is one that is no warning
"""

import pathlib
import sys

if __name__ == "__main__":
    sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1]))

import rules_checksums  # noqa: E402
import rules_dash  # noqa: E402
import rules_pictures  # noqa: E402
import rules_playlists  # noqa: E402
import rules_segments  # noqa: E402
from made_media import MadeMedia  # noqa: E402


def check(made):
    """Every finding, warnings among them."""
    for rules in (rules_playlists, rules_segments, rules_dash, rules_pictures, rules_checksums):
        rules.check(made)
    return made.findings


def faults(made):
    """The findings that are no warnings, a line each."""
    return [line(finding) for finding in check(made) if not finding.is_warning]


def line(finding):
    kind = "warning: " if finding.is_warning else ""
    return f"{kind}{finding.rule}: {finding.object}: measured {finding.measured}, expected {finding.limit}"


if __name__ == "__main__":
    found = check(MadeMedia(sys.argv[1]))
    print("\n".join(map(line, found)) or "no findings")
    sys.exit(any(not finding.is_warning for finding in found))
