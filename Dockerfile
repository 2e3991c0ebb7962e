# syntax=docker/dockerfile:1
# SPDX-FileCopyrightText: The kubectl micro authors
# SPDX-License-Identifier: Apache-2.0
#
# The suite for pipelines: one static program, no shell, nobody's files.
#   docker build -t kubectl-micro . && docker run --rm -i kubectl-micro canary user-service --weight 10 -f - < mesh.yaml
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY cmd cmd
COPY pkg pkg
COPY plugins plugins
ARG VERSION=v0.0.0-devel
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.version=${VERSION}" -o /out/kubectl-micro ./cmd/kubectl-micro

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/kubectl-micro /kubectl-micro
USER 65532:65532
ENTRYPOINT ["/kubectl-micro"]
