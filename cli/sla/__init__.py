"""How limits were kept: `dondoc sla`, `dondoc trace`."""
