"""The one-machine mode: the same PostgreSQL and NATS as in production, from wheels.

Beside them a token issuer that answers like Keycloak and an SMTP sink, so that one machine
without Docker, Java or root runs everything. All servers bind to 127.0.0.1, make their own
passwords and keep them in the data folder. Nothing in here is used on a cluster.
"""
