ARG BASE=docker.io/library/python:3.11-slim-bookworm
FROM ${BASE}
COPY java /opt/java
COPY keycloak-26.7.3 /opt/keycloak
ENV JAVA_HOME=/opt/java PATH=/opt/java/bin:$PATH
USER 1000:0
ENTRYPOINT ["/opt/keycloak/bin/kc.sh"]
