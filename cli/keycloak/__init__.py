"""`dondoc keycloak`: the realm and its groups, held to deploy/keycloak and to the directory.

`plan` says what a change is; `realm_plan` and `group_plan` find the changes that are needed, reading
Keycloak only; whatever writes is a `Change` that was shown before.
"""
