"""Runs `martlet` with the settings of a stack."""

import os
import subprocess


def run(stack, *arguments, stdin=None, check=True):
    return subprocess.run(
        [stack.binaries / "martlet", *arguments], env=os.environ | stack.environment, input=stdin,
        capture_output=True, text=True, timeout=60, check=check,
    )
