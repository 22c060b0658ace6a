"""What all tests share: the fixtures of the real servers and of the services on them."""

pytest_plugins = ["tests.fixtures.servers", "tests.fixtures.house"]
