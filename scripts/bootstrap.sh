#!/usr/bin/env bash
# Installs what Nitro needs: system packages, and Python packages in .venv. Under a second when there
# is nothing to do.
# usage: scripts/bootstrap.sh [base|agent|eval|fleet|search|system|test]     agent adds the compiler for boards,
#   eval TorchMetrics and a text encoder, search Optuna, fleet Ray as well; test also
#   torch, timm and the other things tests compare with, NVRTC, which compiles kernels, and an emulator
#   of boards; system is test without its Python packages
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-base}
case $purpose in base | agent | eval | fleet | search | system | test) ;; *)
  echo "usage: scripts/bootstrap.sh [base|agent|eval|fleet|search|system|test]" >&2
  exit 2
  ;;
esac

packages=(g++ cmake ninja-build ccache git python3-venv protobuf-compiler libprotobuf-dev
  nlohmann-json3-dev libcli11-dev libfmt-dev libtomlplusplus-dev libeigen3-dev libgtest-dev libgmock-dev
  librapidcheck-dev libbenchmark-dev libpng-dev libjpeg-dev)
requirements=(requirements/base.txt)
case $purpose in system | test)
  packages+=(libonnx-testdata chromium fonts-dejavu-core openssh-server procps qemu-user-static
    libc6-arm64-cross)
  ;;
esac
case $purpose in
  agent) requirements+=(requirements/agent.txt) ;;
  eval) requirements+=(requirements/eval.txt) ;;
  fleet) requirements+=(requirements/search.txt requirements/fleet.txt) ;;
  search) requirements+=(requirements/search.txt) ;;
  test)
    requirements+=(requirements/agent.txt requirements/eval.txt requirements/search.txt
      requirements/fleet.txt requirements/test.txt requirements/cuda.txt)
    ;;
esac

if ! command -v dpkg-query >/dev/null; then
  echo "bootstrap: no dpkg here; install what corresponds to: ${packages[*]}" >&2
else
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true)
  missing=()
  for package in "${packages[@]}"; do
    grep -qx "$package installed" <<<"$installed" || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" != 0 ]; then
      as_root=(sudo -n)
      if ! sudo -n true 2>/dev/null; then
        echo "bootstrap: system packages are missing; run this line, then bootstrap again:" >&2
        echo "sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
        exit 4
      fi
    fi
    echo "bootstrap: installing ${missing[*]}" >&2
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
      --no-install-recommends "${missing[@]}" >/dev/null
  fi
  echo "bootstrap: system packages are there" >&2
fi

[ -x .venv/bin/pip ] || python3 -m venv .venv
wanted=$(cat "${requirements[@]}")
stamp=.venv/installed-$purpose
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
  echo "bootstrap: installing ${requirements[*]} into .venv" >&2
  # Python compiles what is imported; all of it would take minutes.
  .venv/bin/pip install --quiet --no-compile --disable-pip-version-check "${requirements[@]/#/-r}"
  echo "$wanted" >"$stamp"
fi
echo "bootstrap: Python packages are there ($purpose)" >&2
