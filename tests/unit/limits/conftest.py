from __future__ import annotations

import pytest

from services.kernel.limits.adapters.holiday_seed import seeded_calendar
from services.kernel.limits.adapters.profile_files import load_profiles
from services.kernel.limits.domain.calendar import Calendar
from services.kernel.limits.domain.profile import Profile


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return seeded_calendar(2019, 2027)


@pytest.fixture(scope="session")
def profile() -> Profile:
    return load_profiles().installed[0]
