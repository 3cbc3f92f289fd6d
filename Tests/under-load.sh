#!/usr/bin/env bash
# Runs all tests, as `make test` does, beside one program that never rests on every core.
#
#   Tests/under-load.sh RUNS COMMAND...     COMMAND is `swift test --skip-build`, with what else it was built by
#
# Prints for each run and each of its halves the wall time, how many tests ran and how many failed, then those
# that failed by name; ends with status 1 if anything did. What was printed meanwhile stays in LOGS
# (.build-under-load).
set -uo pipefail
if [ $# -lt 2 ] || ! [ "$1" -gt 0 ] 2>/dev/null; then
  echo "usage: $0 RUNS COMMAND..." >&2
  exit 64
fi
runs=$1; shift
logs=${LOGS:-.build-under-load}
mkdir -p "$logs"

hogs=()
trap '[ ${#hogs[@]} = 0 ] || kill "${hogs[@]}" 2>/dev/null' EXIT
trap 'exit 130' INT TERM
for cpu in $(seq "$(nproc)"); do
  (while :; do :; done) &
  hogs+=($!)
done
disown -a
echo "${#hogs[@]} programs that never rest, load $(cut -d' ' -f1-3 /proc/loadavg)"

status=0
half() { # RUN NAME OPTIONS...
  local log=$logs/run-$1-$2.log begin=$SECONDS failed=no
  local run=$1 name=$2; shift 2
  "${command[@]}" "$@" >"$log" 2>&1 || failed=yes
  local wall=$((SECONDS - begin)) line tests failures
  line=$(grep -a 'Test run with ' "$log" | tail -1)
  tests=$(sed -n 's/.*Test run with \([0-9]*\) test.*/\1/p' <<<"$line")
  failures=$(grep -a '^✘ Test .* failed after ' "$log" | grep -av '^✘ Test run with ')
  printf 'run %s, %-8s %5d s  %5s tests  %3s failed\n' "$run" "$name:" "$wall" "${tests:-no}" "$(grep -c . <<<"$failures")"
  # A run that crashed has no last line, and one without tests has tested nothing.
  if [ "$failed" = yes ] || [ "${tests:-0}" -eq 0 ]; then
    status=1
    [ -z "$failures" ] || sed 's/^/  /' <<<"$failures"
    [ -n "$line" ] || { echo "  it did not end:"; tail -3 "$log" | sed 's/^/  /'; }
  fi
}

command=("$@")
for run in $(seq "$runs"); do
  begin=$SECONDS
  half "$run" others --skip '^CommandTests\.'
  half "$run" commands --filter '^CommandTests\.'
  printf 'run %s: %d s\n' "$run" $((SECONDS - begin))
done
exit $status
