#!/usr/bin/env bash
# SPDX-FileCopyrightText: The kubectl micro authors
# SPDX-License-Identifier: Apache-2.0
#
# Builds the control plane for tests and says how far the compiler is: the first
# build compiles Kubernetes and takes minutes.
#
#   hack/build-sandbox.sh OUTPUT KUBERNETES_VERSION
set -euo pipefail
output=$1 version=$2
cd "$(dirname "$0")/../test/sandbox"

started=$SECONDS
log=$(mktemp)
trap 'rm -f "$log"' EXIT
go build -v -trimpath \
  -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$version" \
  -o "$output" . 2>"$log" &
build=$!
next=10
while kill -0 "$build" 2>/dev/null; do
  sleep 1
  if (( SECONDS - started >= next )); then
    next=$((SECONDS - started + 15))
    echo "building the sandbox: $(wc -l <"$log") of about 2400 packages, $((SECONDS - started)) s" >&2
  fi
done
wait "$build" || { grep -v '^[a-z0-9.]*/' "$log" >&2 || true; tail -n 20 "$log" >&2; exit 1; }
