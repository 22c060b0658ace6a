"""Profiles from a folder: the one in the image, or a ConfigMap mounted over it."""

from __future__ import annotations

from pathlib import Path

from services.kernel.limits.domain.profile import Profiles
from services.kernel.limits.domain.profile_file import ProfileError, parse_profiles
from services.kernel.limits.domain.yaml_fields import Complaint

SHIPPED = Path(__file__).parent.parent / "profiles"


def load_profiles(folder: Path = SHIPPED) -> Profiles:
    """Every *.yaml of the folder. ProfileError: a file is refused, or the folder holds none."""
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise ProfileError([Complaint(str(folder), 1, "there is no profile (*.yaml) here")])
    return parse_profiles({str(file): file.read_text("utf-8") for file in files})
