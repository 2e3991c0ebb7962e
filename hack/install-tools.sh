#!/usr/bin/env bash
# SPDX-FileCopyrightText: The kubectl micro authors
# SPDX-License-Identifier: Apache-2.0
#
# Installs the programs that tests run besides kubectl, where they are missing:
# prometheus with promtool, tmux, the shells that TAB is pressed in, and a C
# compiler for the race detector. Does nothing when they are there.
#
#   hack/install-tools.sh
set -euo pipefail

packages=()
for pair in prometheus:prometheus promtool:prometheus tmux:tmux zsh:zsh fish:fish gcc:gcc; do
  program=${pair%%:*} package=${pair##*:}
  if ! command -v "$program" >/dev/null && [[ " ${packages[*]-} " != *" $package "* ]]; then
    packages+=("$package")
  fi
done
# This one is no program: what kubectl's completion for bash is built on.
bash_completion=/usr/share/bash-completion/bash_completion
[[ -e $bash_completion ]] || packages+=(bash-completion)
(( ${#packages[@]} )) || exit 0

by_hand="install ${packages[*]} with your package manager, or put prometheus, promtool, tmux, zsh, fish and gcc on the PATH"
if ! command -v apt-get >/dev/null; then
  echo "error: tests need ${packages[*]}, and there is no apt-get here" >&2
  echo "try: $by_hand; https://prometheus.io/download has prometheus with promtool" >&2
  exit 1
fi
# The package has a service, which nothing here needs: in run level 1 it is not
# started. Recommended packages would add an exporter with a service of its own.
install=(env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get)
if (( EUID != 0 )); then
  if ! command -v sudo >/dev/null; then
    echo "error: tests need ${packages[*]}: installing them takes root, and there is no sudo here" >&2
    echo "try: as root, apt-get install --no-install-recommends ${packages[*]}" >&2
    exit 1
  fi
  install=(sudo "${install[@]}")
fi
echo "installing ${packages[*]}" >&2
# The lists may be missing, as in most images, or too old for the mirror.
"${install[@]}" install -y -qq --no-install-recommends "${packages[@]}" >/dev/null 2>&1 || {
  "${install[@]}" update -qq
  "${install[@]}" install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
}
for program in prometheus promtool tmux zsh fish gcc; do
  command -v "$program" >/dev/null || { echo "error: $program is still missing; try: $by_hand" >&2; exit 1; }
done
[[ -e $bash_completion ]] || { echo "error: $bash_completion is still missing; try: $by_hand" >&2; exit 1; }
