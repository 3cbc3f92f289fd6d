#!/usr/bin/env bash
# Writes the committed examples again: reports/regenerate.sh [PATH-TO-NTPROF [EXAMPLE ...]]
# Without examples all of them, in about a quarter of an hour; on a machine where nothing else runs.
set -euo pipefail
cd "$(dirname "$0")/.."
ntprof=${1:-.build/release/ntprof}
shift || true
out=${NTPROF_EXAMPLES:-reports/examples}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
export COLUMNS=120

# run NAME ARGUMENT...: runs ntprof and files what it prints and what it saves as NAME.
run() {
  local name=$1
  shift
  rm -f "$work"/*
  "$ntprof" "$@" --output "$work" --format table --quiet >"$out/$name.txt"
  # The two sides of a diff are in its own document.
  rm -f "$work"/*-baseline-*.json "$work"/*-candidate-*.json
  local file
  for file in "$work"/*; do [ -e "$file" ] && mv "$file" "$out/$name.${file##*.}"; done
}

deepspeech() { run deepspeech profile topologies/deepspeech.xml --iterations 60 --format html; }

deepspeech_batch64() { run deepspeech-batch64 profile topologies/deepspeech.xml --batch 64 --iterations 10; }

deepspeech_widths() {
  run deepspeech-2048-1792 diff topologies/deepspeech.xml topologies/deepspeech.xml \
    --candidate-set hidden=1792 --iterations 40 --format html
}

mobilenet() { run mobilenet-v1 profile topologies/mobilenet-v1.xml --threads 1; }

variants() {
  run deepspeech-variants diff topologies/deepspeech.xml topologies/deepspeech-0.9.xml \
    topologies/deepspeech2.xml --processes 6 --iterations 12 --format html --no-save
}

sweep() {
  run deepspeech-sweep sweep topologies/deepspeech.xml --set hidden=1024,2048 --threads 1,2 \
    --precision f32,bf16,int8 --objective latency --constraint 'parameters>=20M' --format html
}

studies() { python3 reports/studies.py --ntprof "$ntprof" >"$out/studies.md"; }

[ $# -gt 0 ] || set -- deepspeech deepspeech_batch64 deepspeech_widths mobilenet variants sweep studies
for example in "$@"; do
  SECONDS=0
  "$example"
  echo "$example: $SECONDS s"
done
ls -l "$out"
