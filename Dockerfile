# A server in a container: docs/how-to/docker.md. Build with
#   docker build --tag hubbub .
# What the image is made of is named by its hash in locks/, but for Debian's packages, which shall be
# the newest: security fixes come that way. To name the base by its digest:
#   docker build --build-arg BASE=debian:trixie-slim@sha256:... .
ARG BASE=debian:trixie-slim

FROM ${BASE} AS python
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates python3 \
 && apt-get clean && rm -rf /var/lib/apt/lists/*

FROM python AS build
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends python3-venv \
 && apt-get clean && rm -rf /var/lib/apt/lists/* \
 && python3 -m venv /build \
 && python3 -m venv --without-pip /opt/hubbub
WORKDIR /src
# What seldom changes first, so that a change of the source downloads nothing.
COPY locks locks
RUN /build/bin/pip install --no-cache-dir --require-hashes --no-deps --only-binary :all: \
      --requirement locks/build.lock \
 && /build/bin/pip --python /opt/hubbub/bin/python install --no-cache-dir --require-hashes \
      --no-deps --only-binary :all: --requirement locks/run.lock --requirement locks/cluster.lock
COPY . .
# What `hubbub --version` names: --build-arg SOURCE_COMMIT=$(git rev-parse HEAD)
ARG SOURCE_COMMIT=
RUN /build/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheel . \
 && /build/bin/pip --python /opt/hubbub/bin/python install --no-deps --no-index /wheel/*.whl \
 && /build/bin/pip --python /opt/hubbub/bin/python check

FROM python
ARG SOURCE_COMMIT=
LABEL org.opencontainers.image.title="hubbub" \
      org.opencontainers.image.description="A chat server for people who live in the terminal" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="${SOURCE_COMMIT}"
# The group 0, which any number that is given with --user belongs to where it names no group, may
# write the data: a new volume takes this over.
RUN install --directory --mode 0770 --owner 10001 --group 0 /var/lib/hubbub
COPY --from=build /opt/hubbub /opt/hubbub
# IP_ADDRESS and not HUBBUB_DOORS__TLS, which would make PORT of no effect. Who may come in is said by
# nobody here: without HUBBUB_ACCESS the server says so and ends.
ENV PATH=/opt/hubbub/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    IP_ADDRESS=0.0.0.0 \
    HUBBUB_DOORS__SSH=0.0.0.0:2222 \
    HUBBUB_DOORS__PLAIN= \
    HUBBUB_DATA_DIR=/var/lib/hubbub
USER 10001:0
WORKDIR /var/lib/hubbub
VOLUME /var/lib/hubbub
# People's doors, and those of a cluster's members: docs/how-to/cluster.md.
EXPOSE 6697 2222 6222 7900
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["hubbub", "health"]
ENTRYPOINT ["hubbub"]
CMD ["serve"]
