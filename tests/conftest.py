"""What all tests share: real servers, services on them, and the record of proven demands."""

pytest_plugins = [
    "tests.fixtures.properties",
    "tests.fixtures.requirements",
    "tests.fixtures.servers",
    "tests.fixtures.house",
    "tests.fixtures.otlp",
    "tests.fixtures.processes",
    "tests.fixtures.world",
    "tests.fixtures.province",
]
