"""Profiles from a folder: the one in the image, or a ConfigMap mounted over it."""

from __future__ import annotations

from pathlib import Path

from services.kernel.limits.domain.profile import Profiles, Text
from services.kernel.limits.domain.profile_file import ProfileError, parse_profiles
from services.kernel.limits.domain.yaml_fields import Complaint
from services.kernel.runtime.service import StartError
from services.kernel.runtime.settings import Settings

SHIPPED = Path(__file__).parent.parent / "profiles"


def load_profiles(folder: Path = SHIPPED) -> Profiles:
    """Every *.yaml of the folder. ProfileError: a file is refused, or the folder holds none."""
    files = sorted(folder.glob("*.yaml"))
    if not files:
        none = Text(
            "ở đây không có quy chế nào (*.yaml); cần ít nhất một tệp",
            "there is no profile (*.yaml) here; needed is at least one file",
        )
        raise ProfileError([Complaint(str(folder), 1, none)])
    return parse_profiles({str(file): _read(file) for file in files})


def profiles_of(settings: Settings) -> Profiles:
    """Those that a service runs by. StartError tells all that is wrong with them, in both languages."""
    try:
        return load_profiles(Path(settings.profile_path or SHIPPED))
    except ProfileError as error:
        raise StartError(
            "quy chế không hợp lệ, dịch vụ không khởi động (DONDOC_PROFILE_PATH) / the profiles are not "
            f"valid, the service does not start (DONDOC_PROFILE_PATH):\n{error}"
        ) from None


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        told = Text(
            "không phải văn bản UTF-8; cần lưu tệp bằng UTF-8",
            "is no text in UTF-8; the file is to be saved in UTF-8",
        )
        raise ProfileError([Complaint(str(file), 1, told)]) from None
