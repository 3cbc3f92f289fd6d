#!/usr/bin/env bash
# Runs ntprof's sweeps and bricks on a real Slurm of this machine alone, and kills a node meanwhile.
#
#     Tests/Slurm/test-slurm.sh PROGRAM
#
# Nothing of it stays, whatever happens; the log is what it prints. Status 69 where Slurm is missing.
set -u
program=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=cluster.sh
. "$here/cluster.sh"
work=$CLUSTER/work
failed=0
begin=$SECONDS

finish() {
  local status=$?
  if [ "$failed" != 0 ] || [ "$status" != 0 ]; then
    echo "--- slurmctld's last words"
    tail -n 25 "$CLUSTER/slurmctld.log" 2>/dev/null
  fi
  cluster_down
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

say() { printf '[%3d s] %s\n' "$((SECONDS - begin))" "$*"; }
ok() { say "ok      $*"; }
bad() { say "FAILED  $*"; failed=$((failed + 1)); }
# expect WHAT COMMAND…
expect() { local what=$1; shift; if "$@"; then ok "$what"; else bad "$what"; fi; }
# holds FILE WORDS: whether a file has them; shows the file where it has not.
holds() { grep -qF -- "$2" "$1" || { sed 's/^/        | /' "$1"; return 1; }; }
# status WANTED COMMAND…: the command's words go to $work/said.
status() {
  local wanted=$1 got
  shift
  "$@" >"$work/said" 2>&1
  got=$?
  [ "$got" = "$wanted" ] || { echo "        status $got, not $wanted"; sed 's/^/        | /' "$work/said"; return 1; }
}
parts() { find "$1" -path '*.parts/r*' -name '*.json' 2>/dev/null | wc -l; }
some_parts() { [ "$(parts "$1")" -ge "$2" ]; }
runs_on() { squeue --noheader --states=R --nodelist="$1" 2>/dev/null | grep -q .; }
half_way() { some_parts "$1" 6 && runs_on n2; }
the() { find "$1" -maxdepth 1 -name '*-sweep-*.json' | head -n 1; }
# planned FOLDER: how many processes of the plan's four rounds were submitted, in all waves; others are
# for points that neighbours disturbed.
planned() {
  python3 - "$1" <<'PY'
import glob, json, sys
tasks = glob.glob(sys.argv[1] + "/*.parts/wave-*/task-*.json")
print(sum(item["place"]["round"] < 4 for task in tasks for item in json.load(open(task))["items"]))
PY
}
no_jobs() { [ -z "$(squeue --noheader)" ]; }

say "bringing up munge, slurmctld, slurmd of n1 and n2 in $CLUSTER"
cluster_up || exit 70
say "$(sbatch --version); $(scontrol show config | grep -i MaxArraySize | tr -s ' ')"
mkdir -p "$work" && cd "$work" || exit 70
export XDG_CACHE_HOME=$work/cache
cat >narrow.xml <<'XML'
<topology name="narrow" version="1"><param name="units" value="64"/>
<input name="x" shape="4x64" layout="nc"/>
<layer name="a"><fc units="${units}"/><activation kind="relu"/></layer>
<layer name="b"><fc units="16"/></layer></topology>
XML
quick=(--threads 1 --iterations 6 --warmup 1 --tuning fast)
points=(--set units=64,128,256 --batch 1,4 --objective latency "${quick[@]}")
axes=("${points[@]}" --rounds 4)

# --- one sweep here, to compare with
expect "a local sweep" status 0 "$program" sweep narrow.xml "${points[@]}" --rounds 1 --format csv --output local
local_file=$(the local)

# --- a node dies; Slurm starts its task again
say "sweep over both nodes; n2 dies half-way, and Slurm requeues what ran there"
"$program" sweep narrow.xml "${axes[@]}" --tasks 8 --launch slurm --format csv \
  --output requeued >requeued.csv 2>requeued.txt &
sweep=$!
wait_for "half of the parts" half_way requeued || bad "half of the parts"
say "$(parts requeued) parts; on n2 runs $(squeue --noheader --states=R --nodelist=n2 --format='%i' | xargs); killing n2"
node_kill n2
wait $sweep
expect "status 0 although a node died" test $? = 0
sed 's/^/        | /' requeued.txt
file=$(the requeued)
expect "the gathered sweep has the form of the local one" python3 "$here/form.py" "$file" "$local_file"
say "the sweep's file has $(stat -c %s "$file") bytes; parts of $(find "${file%.json}.parts/r0" -name '*.json' -printf '%s ' )bytes; tasks' files of $(find "${file%.json}.parts/wave-1" -name 'task-*.json' -printf '%s ')bytes"
restarted=$(grep -l '"restarts"' requeued/*.parts/r*/*.json | wc -l)
expect "$restarted parts are of a task that was started again" test "$restarted" -gt 0
for format in table markdown csv json; do
  expect "report --format $format" status 0 "$program" report "$file" --format "$format"
done
node_up n2
wait_for "n2 to come back" both_idle

# --- a node dies; the task is lost, and ntprof submits what lacks again
say "the same with --no-requeue: what is lost is submitted again"
"$program" sweep narrow.xml "${axes[@]}" --tasks 8 --launch slurm:--no-requeue --format csv \
  --output resubmitted >resubmitted.csv 2>resubmitted.txt &
sweep=$!
wait_for "half of the parts" half_way resubmitted || bad "half of the parts"
say "$(parts resubmitted) parts; killing n2"
node_kill n2
wait $sweep
expect "status 0 although a task was lost" test $? = 0
sed 's/^/        | /' resubmitted.txt
expect "there was a second wave" holds resubmitted.txt "wave 2"
expect "the gathered sweep has the form of the local one" \
  python3 "$here/form.py" "$(the resubmitted)" "$local_file"
node_up n2
wait_for "n2 to come back" both_idle

# --- Ctrl-C leaves the jobs; --resume gathers
say "Ctrl-C while the jobs run"
"$program" sweep narrow.xml "${axes[@]}" --tasks 6 --launch slurm --format csv --output stopped \
  >stopped.csv 2>stopped.txt &
sweep=$!
wait_for "the first part" some_parts stopped 1
kill -INT $sweep
wait $sweep
expect "status 130" test $? = 130
expect "it says that the jobs go on" holds stopped.txt "scancel --name=ntprof-narrow-"
file=$(the stopped)
expect "--resume waits for them and gathers" status 0 "$program" sweep --resume "$file" --format csv
expect "no process was submitted again" test "$(planned stopped)" = 24
grep -F "under way" "$work/said" | sed 's/^/        | /'
expect "the gathered sweep has the form of the local one" python3 "$here/form.py" "$file" "$local_file"

# --- parts that are none
say "parts that do not belong to the sweep"
folder=${file%.json}.parts
cp "$folder/r0/000000.json" "$folder/r0/000001-copy.json"
expect "a duplicate is refused" status 65 "$program" sweep --resume "$file"
expect "and named" holds "$work/said" "is process 0 of point 0, a duplicate of"
sed -n '/error/,$s/^/        | /p' "$work/said"
rm "$folder/r0/000001-copy.json"
mv "$folder/r0/000000.json" kept.json
sed 's/"sha256": "[0-9a-f]*"/"sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"/' \
  kept.json >"$folder/r0/000000.json"
expect "a part from another topology is refused" status 65 "$program" sweep --resume "$file"
expect "and named" holds "$work/said" "is a part of another topology"
sed -n '/error/,$s/^/        | /p' "$work/said"
# All of one point: of one that was measured more often for its neighbours' sake, a single part lacks nothing.
rm "$folder"/r*/000000.json
expect "what lacks is measured again" status 0 "$program" sweep --resume "$file" --format csv
expect "and nothing else" test "$(planned stopped)" = 28
expect "the gathered sweep has the form of the local one" python3 "$here/form.py" "$file" "$local_file"

# --- machines
say "machines as an axis: partitions first (n1) and second (n2)"
expect "--machines first,second" status 0 "$program" sweep narrow.xml --batch 1,4 "${quick[@]}" \
  --rounds 2 --machines first,second --launch slurm --format csv --output machines
python3 - "$(the machines)" <<'PY' && ok "each point is of its partition's node" || bad "points of partitions"
import json, sys
sweep = json.load(open(sys.argv[1]))
place = [axis["kind"] for axis in sweep["plan"]["axes"]].index("machine")
node = {"first": "n1", "second": "n2"}
assert [m["name"] for m in sweep["machines"]] == ["first", "second"]
assert len(sweep["points"]) == 4
for point in sweep["points"]:
    assert set(point["nodes"]) == {node[point["settings"][place]]}, point
PY

# --- the cluster refuses
say "a cluster that refuses"
expect "an unknown partition" status 69 "$program" sweep narrow.xml --batch 1,4 "${quick[@]}" --rounds 1 \
  --launch slurm:--partition=nowhere --format csv --output refused
sed -n '/error/,$s/^/        | /p' "$work/said"
expect "in Slurm's words" holds "$work/said" "nvalid partition"
expect "--resume with other options goes on" status 0 "$program" sweep --resume "$(the refused)" \
  --launch slurm:--partition=both --format csv

# --- bricks
say "bricks"
bricks=("$program" bricks narrow.xml "${quick[@]}" --measure --launch slurm --format csv --output bricks
  --store "$work/store")
expect "bricks on the cluster" status 0 "${bricks[@]}"
expect "are kept in the store" test "$(find store -name '*.json' | wc -l)" -ge 2
before=$(find bricks -name run.sh | wc -l)
expect "the same command" status 0 "${bricks[@]}"
expect "measures nothing again" test "$(find bricks -name run.sh | wc -l)" = "$before"
expect "no job is left" no_jobs

if [ "$failed" = 0 ]; then say "all is well"; else say "$failed failed"; fi
[ "$failed" = 0 ]
