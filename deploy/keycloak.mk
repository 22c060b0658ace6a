# Included by the Makefile, whose BIN and setup it uses. Needed besides: Java (17, 21 or 25) and Maven.
# --import-mode: else tests/requests.py stands before the library `requests`, which python-keycloak uses.
# --timeout: each command of Keycloak starts a Java machine, which takes its time on a busy one.
test-keycloak: setup ## Identity and access on a real Keycloak (needs Java and Maven; T=path runs some)
	@$(BIN)/python -m pytest --import-mode=importlib --timeout=600 $(or $(T),tests/keycloak)

.PHONY: test-keycloak
