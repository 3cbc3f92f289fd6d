#!/usr/bin/env bash
# Writes the committed examples again: reports/regenerate.sh PATH-TO-NTPROF
set -euo pipefail
cd "$(dirname "$0")/.."
ntprof=${1:-.build/release/ntprof}
out=reports/examples
work=reports/.regenerate
rm -rf "$work"
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work"

# keep NAME: takes what the last command left in $work and files it as NAME.
keep() {
  for file in "$work"/*; do mv "$file" "$out/$1.${file##*.}"; done
}

COLUMNS=120 "$ntprof" profile topologies/deepspeech.xml --iterations 60 --output "$work" \
  --format table --format html --quiet >"$out/deepspeech.txt"
keep deepspeech

COLUMNS=120 "$ntprof" profile topologies/deepspeech.xml --batch 64 --iterations 10 \
  --output "$work" --format table --quiet >"$out/deepspeech-batch64.txt"
keep deepspeech-batch64

COLUMNS=120 "$ntprof" diff topologies/deepspeech.xml topologies/deepspeech.xml \
  --candidate-set hidden=1792 --iterations 40 --output "$work" --format table --format html --quiet \
  >"$out/deepspeech-2048-1792.txt"
rm "$work"/deepspeech-baseline-*.json "$work"/deepspeech-candidate-*.json
keep deepspeech-2048-1792

COLUMNS=120 "$ntprof" profile topologies/mobilenet-v1.xml --threads 1 --output "$work" \
  --format table --quiet >"$out/mobilenet-v1.txt"
keep mobilenet-v1

COLUMNS=120 "$ntprof" diff topologies/deepspeech.xml topologies/deepspeech-0.9.xml topologies/deepspeech2.xml \
  --processes 3 --iterations 20 --output "$work" --format table --quiet --no-save >"$out/deepspeech-variants.txt"

COLUMNS=120 "$ntprof" sweep topologies/deepspeech.xml --set hidden=1024,2048 --threads 1,2 \
  --precision f32,bf16,int8 --objective latency --constraint 'parameters>=20M' --output "$work" --format table \
  --quiet >"$out/deepspeech-sweep.txt"
keep deepspeech-sweep

./reports/studies.py "$ntprof" >"$out/studies.md"

ls -l "$out"
