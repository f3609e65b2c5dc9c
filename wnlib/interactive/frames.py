"""The frames of a figure in a folder of the name that their content gives: what a build needs to know of them."""

import hashlib


def name_of(frames):
    """The name of a folder of frames: a digest of all of them."""
    digest = hashlib.sha256()
    for frame in frames:
        digest.update(frame)
    return digest.hexdigest()[:12]


def are_whole(folder, count):
    """Whether a folder holds so many frames, those that its name says."""
    try:
        return name_of((folder / f"{k}.webp").read_bytes() for k in range(count)) == folder.name
    except OSError:
        return False
