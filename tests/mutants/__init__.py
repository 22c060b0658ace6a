"""Mutants of the limits: each is one mistake in the profile or in a guard, and a test with the marker of
its rule must find it. `make mutants` runs them all; docs/mutants.md tells more."""
