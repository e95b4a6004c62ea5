#!/usr/bin/env bash
# Builds and tests everything; the last line is the sum.
# usage: scripts/test.sh [--fast]     --fast: the unit tests of the release build, nothing else
set -euo pipefail
cd "$(dirname "$0")/.."
fast=false
case ${1:-} in
  "") ;;
  --fast) fast=true ;;
  *)
    echo "usage: scripts/test.sh [--fast]" >&2
    exit 2
    ;;
esac

results=build/test-results
rm -rf "$results"
mkdir -p "$results"/{release,python,asan,tsan}
failed=()

# phase NAME COMMAND...: runs it, prints how long it took, and notes a failure.
phase() {
  local name=$1 start=$SECONDS verdict=ok
  shift
  echo "== $name"
  "$@" || verdict=FAILED
  [ $verdict = ok ] || failed+=("$name")
  echo "== $name: $verdict, $((SECONDS - start)) s"
  [ $verdict = ok ]
}

# needed NAME COMMAND...: a phase without which the rest makes no sense.
needed() {
  phase "$@" || finish
}

# run_ctest PRESET [CTEST OPTIONS...]
run_ctest() {
  local folder=$PWD/$results/$1 preset=$1
  shift
  GTEST_OUTPUT="xml:$folder/" ctest --test-dir "build/$preset" -j2 --timeout 900 \
    --output-on-failure --no-tests=error --output-junit "$folder/ctest.xml" "$@"
}

run_pytest() {
  NITRO_BINARY=$PWD/build/release/nitro .venv/bin/python -m pytest -q -p no:cacheprovider -n 2 --dist loadfile \
    --junitxml "$results/python/pytest.xml" --ignore tests/report --ignore tests/layers_test.py \
    python/tests tests
}

finish() {
  wait # for packages still being fetched where the build failed
  [ ${#failed[@]} = 0 ] || printf 'failed: %s\n' "${failed[@]}"
  echo "$(python3 scripts/count_tests.py "$results"/*), $((SECONDS / 60)) min $((SECONDS % 60)) s"
  [ ${#failed[@]} = 0 ]
  exit
}

if $fast; then
  needed bootstrap scripts/bootstrap.sh base
  needed "build release" scripts/build.sh release
  phase "test release" run_ctest release --exclude-regex '^(headers|report_page)$' || true
  finish
fi

# The Python packages of the tests are several GB: fetched while the compiler works.
needed bootstrap scripts/bootstrap.sh system
scripts/bootstrap.sh test &
packages=$!
needed "build release" scripts/build.sh release
needed "bootstrap test" wait $packages
export PATH="$PWD/.venv/bin:$PATH" # tests of ctest that are Python programs use its packages
phase "test release" run_ctest release || true
phase "test python" run_pytest || true

# The structure tests and those of the page do not depend on how the code was compiled.
needed "build asan" scripts/build.sh asan
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
phase "test asan" run_ctest asan --exclude-regex '^(headers|layers|report_page)$' || true

# Only the layers whose tests run several threads of ours. ThreadSanitizer needs fixed addresses.
needed "build tsan" scripts/build.sh tsan nitro_base_test nitro_measure_test
phase "test tsan" run_ctest tsan --tests-regex '^(base|measure)$' || true
finish
