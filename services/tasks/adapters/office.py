"""Who the Office is: it owes the answers and entries that the regulation asks of it."""

from __future__ import annotations

from sqlalchemy import select

from services.kernel.directory.tables import agency
from services.kernel.runtime.errors import unavailable
from services.kernel.runtime.unit_of_work import UnitOfWork


async def slug(work: UnitOfWork) -> str:
    """Of the Office itself, not of a unit of it. UNAVAILABLE until the directory has arrived."""
    superior = agency.alias("superior")
    inside = select(1).where(superior.c.slug == agency.c.parent, superior.c.kind == "OFFICE")
    query = select(agency.c.slug).where(agency.c.kind == "OFFICE", ~inside.exists())
    found = (await work.execute(query.order_by(agency.c.slug).limit(1))).scalar()
    if found is None:
        raise unavailable(
            "DIRECTORY_NOT_READY",
            "Danh bạ chưa có Văn phòng UBND tỉnh; hãy thử lại.",
            "the directory does not know the Office yet; retry",
        )
    return str(found)
