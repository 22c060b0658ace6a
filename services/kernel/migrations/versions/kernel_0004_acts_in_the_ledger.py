"""The act that was known after each entry of the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "kernel_0004"
down_revision = "kernel_0003"
branch_labels = None
depends_on = None

# What older entries did not keep: in the clock's last run its act is still known, of runs before that
# the entry itself is the best that is known.
LAST_RUN = """
UPDATE clock_ledger AS entry SET act_at = clock.act_at
FROM clock
WHERE clock.id = entry.clock_id AND clock.generation = entry.generation
  AND clock.act_at IS NOT NULL
  AND entry.version >= (
    SELECT min(stop.version) FROM clock_ledger AS stop
    WHERE stop.clock_id = entry.clock_id AND stop.generation = entry.generation
      AND stop.kind = 'STOPPED'
  )
"""
EARLIER_RUNS = """
UPDATE clock_ledger AS entry SET act_at = stop.at
FROM clock_ledger AS stop, clock
WHERE clock.id = entry.clock_id AND entry.generation < clock.generation
  AND stop.clock_id = entry.clock_id AND stop.generation = entry.generation
  AND stop.kind = 'STOPPED' AND entry.version >= stop.version
"""


def upgrade() -> None:
    op.add_column("clock_ledger", sa.Column("act_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(LAST_RUN)
    op.execute(EARLIER_RUNS)


def downgrade() -> None:
    op.drop_column("clock_ledger", "act_at")
