#!/usr/bin/env bash
# Builds nitro-agent for aarch64 boards with glibc 2.27 or newer (JetPack 4.6), on any machine.
# usage: scripts/build-agent.sh [OUTPUT]     default: build/agent/nitro-agent; after scripts/bootstrap.sh agent
set -euo pipefail
if [ $# -gt 1 ] || [[ ${1:-} = -* ]]; then
  echo "usage: scripts/build-agent.sh [OUTPUT]" >&2
  exit 2
fi
output=${1:+$(realpath -m -- "$1")}
cd "$(dirname "$0")/.."
built=build/agent/nitro-agent

echo "agent: compiling for aarch64, up to two minutes the first time" >&2
scripts/build.sh agent nitro_agent

# What it needs must be there on a board that has nothing but its system and its driver.
fail() {
  echo "agent: $built $1" >&2
  exit 1
}
most_bytes=$((8 << 20))
newest=2.27
libraries=$(readelf -d "$built" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
foreign=$(grep -vxE 'lib(c|m|pthread|dl)\.so\.[0-9]|ld-linux-aarch64\.so\.1' <<<"$libraries" || true)
glibc=$(readelf -V "$built" | grep -oE 'GLIBC_[0-9.]+' | cut -d_ -f2 | sort -uV | tail -1)
bytes=$(stat -c %s "$built")
[ -z "$foreign" ] || fail "needs $(echo $foreign)"
[ "$(printf '%s\n' "$glibc" $newest | sort -V | tail -1)" = $newest ] ||
  fail "needs glibc $glibc, newer than $newest"
[ "$bytes" -le $most_bytes ] || fail "has $bytes bytes, more than $most_bytes"
[ -z "$output" ] || { cp "$built" "$output.part" && mv "$output.part" "$output"; }
echo "agent: ${output:-$PWD/$built}: $bytes bytes, needs glibc $glibc and$(printf ' %s' $libraries)" >&2
