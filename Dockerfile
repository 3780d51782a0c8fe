# pgsonde in a container: the program with its Swift runtime inside, on a small Debian.
#
#   docker build -t pgsonde .
#   docker run -p 9187:9187 -v ./pgsonde.yaml:/etc/pgsonde/pgsonde.yaml:ro -v ./password:/run/secrets/password:ro pgsonde
#
# where pgsonde.yaml has `password_file: /run/secrets/password` for the server, and user 65534 can read both files. A pgpass
# file, by PGPASSFILE, must be that user's own, and of mode 0600: libpq reads no other.
#
# The image's libpq (15, of Debian 12) gives a password to another machine by SCRAM only, which it can insist on over TLS alone.
# So WITHOUT TLS AT THE SERVER, OR WITH AN MD5 PASSWORD, THE LOGIN FAILS: "channel binding required ...". Switch TLS on at the
# server (ssl = on), best with `sslmode: verify-full`; or write `require_auth: ""` for the server, or -e PGREQUIREAUTH=: then
# whoever answers at its address gets the password as it asks for it. libpq 16 and newer insist on SCRAM without TLS, too.
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
