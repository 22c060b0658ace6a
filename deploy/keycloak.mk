# Included by the Makefile, whose BIN and setup it uses. Needed besides: Java (17, 21 or 25) and Maven.
test-keycloak: setup ## Identity and access on a real Keycloak (needs Java and Maven; T=path runs some)
	@$(BIN)/python -m pytest $(or $(T),tests/keycloak)

.PHONY: test-keycloak
