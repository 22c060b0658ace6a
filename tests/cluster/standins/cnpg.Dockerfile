# What an instance of CloudNativePG runs in: PostgreSQL of Debian (its programs alone), by the operator's number of the user.
ARG BASE=docker.io/library/python:3.11-slim-bookworm
FROM ${BASE}
WORKDIR /packages
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libpq5=15.* libicu72=72.* liblz4-1=1.* libpam0g=1.* \
      libsystemd0=252.* libxml2=2.* libxslt1.1=1.* libzstd1=1.* \
 && apt-get download postgresql-15=15.* postgresql-client-15=15.* \
 && find . -name '*.deb' -exec dpkg --extract {} / \; \
 && rm -rf /packages/* /var/lib/apt/lists/* \
 && useradd --uid 26 --gid 26 --home-dir /var/lib/postgresql postgres
ENV PATH=/usr/lib/postgresql/15/bin:$PATH
WORKDIR /
USER 26:26
