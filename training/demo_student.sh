#!/usr/bin/env bash
# Makes the zoo's edgevl-swin-nano from nothing: scenes, the packed sets, the student, and its accuracy
# on test scenes. For a machine with a GPU; about 14 minutes on an H200 with 16 cores.
# usage: training/demo_student.sh WORK RESULTS [SECONDS]
#   WORK holds scenes and checkpoints, RESULTS gets student.safetensors, result.json and log.jsonl.
#   After SECONDS it stops with exit code 75, and the same command goes on.
#   $NITRO and $PYTHON name the programs, by default build/release/nitro and .venv/bin/python;
#   $SCENES and $TEST_SCENES how many (32000 and 4000), $CONFIG the recipe.
set -euo pipefail
if [ $# -lt 2 ] || [ $# -gt 3 ] || [[ $1 = -* ]]; then
  echo "usage: training/demo_student.sh WORK RESULTS [SECONDS]" >&2
  exit 2
fi
work=$(realpath -m -- "$1")
results=$(realpath -m -- "$2")
seconds=${3:-86400}
nitro=$(realpath -- "${NITRO:-$(dirname "$0")/../build/release/nitro}")
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
mkdir -p "$work" "$results"

# unfinished CODE: ends with the code 75 where CODE says that the time was over.
unfinished() {
  [ "$1" != 124 ] && [ "$1" != 75 ] && exit "$1"
  echo "demo student: not finished; the same command goes on" >&2
  exit 75
}

# left: the seconds that remain, at least one.
left() {
  echo $((seconds > SECONDS ? seconds - SECONDS : 1))
}

# packed_scenes SPLIT COUNT: $work/SPLIT, made once.
packed_scenes() {
  [ -d "$work/$1" ] && return
  timeout --signal=INT "$(left)" "$nitro" zoo synth-rgbd -o "$work/$1-scenes" --split "$1" \
    --count "$2" --seed 1 || unfinished $?
  timeout "$(left)" "$python" -m training.pack "$work/$1-scenes" -o "$work/$1" \
    --modalities rgb,depth,ir || unfinished $?
}

packed_scenes train "${SCENES:-32000}"
packed_scenes test "${TEST_SCENES:-4000}"
code=0
"$python" -m training "${CONFIG:-training/configs/synth-rgbd.toml}" --data "$work/train" --test "$work/test" \
  --text training/demo -o "$work/run" --time-limit "$(left)" || code=$?
[ ! -f "$work/run/log.jsonl" ] || cp "$work/run/log.jsonl" "$results/"
[ $code = 0 ] || unfinished $code
cp "$work/run/student.safetensors" "$work/run/result.json" "$results/"
