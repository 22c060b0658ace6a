"""What the regulation of a document's day says about its intake: who assigns, in what form, and whether
anything classified is entered at all. Each refusal cites the article that the profile names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from services.directives.domain.directive import Directive
from services.directives.domain.entry_rules import Wrong
from services.kernel.limits.domain.profile import Authority, ClassifiedMode, Profile, Text

# As the profile names the authorities of the API.
AUTHORITIES: Final = {
    "PEOPLES_COMMITTEE": Authority.PROVINCIAL_PEOPLES_COMMITTEE,
    "CHAIRMAN": Authority.CHAIRMAN,
}


def outside(profile: Profile | None, directive: Directive, path: str) -> Iterator[Wrong]:
    """What the profile does not track. Before the first profile nothing is refused: such a document is
    kept as it is, without clocks."""
    if profile is None:
        return
    practice = profile.practice
    if AUTHORITIES[directive.issuing_authority] not in practice.assigning_authorities:
        yield _outside(
            profile,
            f"{path}issuing_authority",
            "AUTHORITY_NOT_ASSIGNING",
            "assigning_authorities",
            Text(
                f"chỉ nhận văn bản của: {', '.join(practice.assigning_authorities)}",
                f"tasks are assigned by {', '.join(practice.assigning_authorities)} alone",
            ),
        )
    if directive.source not in practice.sources:
        yield _outside(
            profile,
            f"{path}source",
            "SOURCE_NOT_TRACKED",
            "sources",
            Text(
                f"chỉ theo dõi nhiệm vụ giao bằng: {', '.join(practice.sources)}",
                f"tasks are tracked that were assigned by {', '.join(practice.sources)} alone",
            ),
        )
    if directive.classified and practice.classified is ClassifiedMode.EXCLUDE:
        yield _outside(
            profile,
            f"{path}secrecy",
            "CLASSIFIED_EXCLUDED",
            "classified",
            Text(
                "văn bản mật không được nhập vào phần mềm, kể cả không có nội dung",
                "a classified directive is not entered at all, not even without content",
            ),
        )


def _outside(profile: Profile, field: str, reason: str, practice: str, text: Text) -> Wrong:
    cited = f"{profile.practice.articles[practice]}, {profile.id}"
    return Wrong(field, f"{text.vi} ({cited})", f"{text.en} ({cited})", reason)
