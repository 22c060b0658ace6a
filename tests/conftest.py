"""What all tests share: the fixtures of the real servers."""

pytest_plugins = ["tests.fixtures.servers"]
