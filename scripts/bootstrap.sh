#!/usr/bin/env bash
# Installs what Nitro needs: system packages and .venv. Quick when there is nothing to do.
# usage: scripts/bootstrap.sh [base|test]     test adds torch, timm and the test models
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-base}

packages=(g++ cmake ninja-build ccache git python3-venv protobuf-compiler libprotobuf-dev
  nlohmann-json3-dev libcli11-dev libfmt-dev libtomlplusplus-dev libgtest-dev libgmock-dev
  librapidcheck-dev libbenchmark-dev libpng-dev libjpeg-dev)
[ "$purpose" = test ] && packages+=(libonnx-testdata chromium fonts-dejavu-core)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "bootstrap: installing ${missing[*]}" >&2
  if [ "$(id -u)" = 0 ]; then sudo=(); elif command -v sudo >/dev/null; then sudo=(sudo); else
    echo "bootstrap: run this as root, then try again:" >&2
    echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 4
  fi
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
fi

[ -x .venv/bin/python ] || python3 -m venv .venv
requirements=(requirements/base.txt)
[ "$purpose" = test ] && requirements+=(requirements/test.txt)
stamp=.venv/installed-$purpose
wanted=$(cat "${requirements[@]}" | sha256sum)
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
  echo "bootstrap: installing Python packages of ${requirements[*]}" >&2
  .venv/bin/pip install --quiet --disable-pip-version-check "${requirements[@]/#/-r}"
  echo "$wanted" > "$stamp"
fi
