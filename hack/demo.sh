#!/usr/bin/env bash
# SPDX-FileCopyrightText: The kubectl micro authors
# SPDX-License-Identifier: Apache-2.0
#
# The main job, twice: as a filter over files without any cluster, then on a
# real API server with examples/shop-by-hand running on it. Everything it starts it stops.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=$(mktemp -d)
cleanup() { sandbox down --dir "$dir/sandbox" >/dev/null 2>&1 || true; rm -rf "$dir"; }
trap cleanup EXIT

# run shows a command, runs it, and says how long it took.
run() {
  printf '\n$ %s\n' "$1"
  local started=${EPOCHREALTIME/./}
  bash -c "$1"
  printf '  (%d ms)\n' $(((${EPOCHREALTIME/./} - started) / 1000))
}

echo "== 1. As a filter: no cluster is contacted"
run 'kubectl micro canary --weight 10 -f examples/shop-by-hand --diff || true'
run 'kubectl micro canary --weight 10 -f examples/shop-by-hand -o yaml | grep -nE "weight: [0-9]+"'

echo
echo "== 2. On a live control plane"
sandbox up --dir "$dir/sandbox" --kubeconfig "$dir/kubeconfig" --until-pid $$ >/dev/null
export KUBECONFIG=$dir/kubeconfig
run 'kubectl apply -k examples/shop-by-hand | tail -n 3'
run 'kubectl rollout status -n shop deploy/user-service-v1 deploy/user-service-v2 --timeout=60s'
run 'kubectl micro canary --weight 10 -n shop'
run 'kubectl micro canary --weight 10 -n shop'
run 'kubectl micro canary status -n shop'
run 'kubectl micro canary abort user-service -n shop'
run 'kubectl get vs user-service -n shop -o jsonpath="{.spec.http[0].route[*].weight}{\"\n\"}"'
