# pgsonde in a container: the program with its Swift runtime inside, on a small Debian.
#
#   docker build -t pgsonde .
#   docker run -p 9187:9187 -e DATA_SOURCE_NAME='host=db.example user=pgsonde dbname=postgres' \
#       -e PGPASSFILE=/run/secrets/pgpass -v ./pgpass:/run/secrets/pgpass:ro pgsonde
ARG SWIFT=6.3
ARG DEBIAN=bookworm

FROM swift:${SWIFT}-${DEBIAN} AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq-dev libyaml-dev zlib1g-dev libcrypt-dev pkg-config make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN make release

FROM debian:${DEBIAN}-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libpq5 libyaml-0-2 zlib1g libstdc++6 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /source/.build/release/pgsonde /usr/bin/pgsonde
COPY config/pgsonde.yaml /etc/pgsonde/pgsonde.yaml
# Nobody: it needs no user of the image, no home and no writable file.
USER 65534:65534
EXPOSE 9187
STOPSIGNAL SIGTERM
# A crash's backtrace could show a connection's memory.
ENV SWIFT_BACKTRACE=enable=no
ENTRYPOINT ["/usr/bin/pgsonde"]
CMD ["run", "--config.file=/etc/pgsonde/pgsonde.yaml", "--log.format=json"]
