#!/bin/sh
# Whether the bound of a layer is the same in every run: profiles each network in several processes
# and counts the cells (network, batch, threads, layer) whose class differs between them.
#
#   Benchmarks/label-stability.sh [NTPROF]
#
# A flip to or from `balanced` is one between neighbours: no limit stood out in one of the runs.
# Others are wrong, and the script then ends with status 1. Labels of low confidence (roofs that
# cannot be, or a run that other programs disturbed) are counted and not compared. Run it on a
# quiet machine; it takes some ten minutes. Settings, with their defaults:
#
#   NETWORKS="deepspeech resnet50 mobilenet-v1"  BATCHES="1 64"  THREADS="1 2"  PROCESSES=5
#   OPTIONS=""    more options of profile, such as "--time 1" or "--cache cold"
#   KEEP=folder   keeps the rows and the classes there
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
ntprof=${1:-$root/.build/release/ntprof}
networks=${NETWORKS:-deepspeech resnet50 mobilenet-v1}
batches=${BATCHES:-1 64}
teams=${THREADS:-1 2}
processes=${PROCESSES:-5}
options=${OPTIONS:-}

folder=${KEEP:-}
if [ -z "$folder" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
mkdir -p "$folder"
labels=$folder/labels.txt
: > "$labels"

for network in $networks; do
  for batch in $batches; do
    for threads in $teams; do
      run=1
      while [ "$run" -le "$processes" ]; do
        echo "$network, batch $batch, $threads threads: run $run of $processes" >&2
        # shellcheck disable=SC2086  # OPTIONS is a list of words
        "$ntprof" profile "$root/topologies/$network.xml" --batch "$batch" --threads "$threads" \
          --layers all --counters none --no-save --quiet --format csv $options \
          > "$folder/rows.csv"
        # Columns by their names; fields with commas are quoted.
        awk -v cell="$network/$batch/$threads" '
          function split_fields(line, fields,   count, quoted, i, c) {
            count = 1; quoted = 0; fields[1] = ""
            for (i = 1; i <= length(line); i++) {
              c = substr(line, i, 1)
              if (c == "\"") quoted = !quoted
              else if (c == "," && !quoted) fields[++count] = ""
              else fields[count] = fields[count] c
            }
            return count
          }
          {
            count = split_fields($0, field)
            if (NR == 1) { for (i = 1; i <= count; i++) column[field[i]] = i; next }
            if (field[column["bound"]] != "")
              print cell "/" field[column["name"]] "\t" field[column["bound"]] "\t" \
                field[column["efficiency"]] "\t" field[column["confidence"]]
          }' "$folder/rows.csv" >> "$labels"
        run=$((run + 1))
      done
    done
  done
done

awk -F '\t' '
  {
    if (!($1 in seen)) { order[++cells] = $1; seen[$1] = 1 }
    labels++
    if ($4 == "low") { low++; next }
    if (!(($1, $2) in has)) {
      has[$1, $2] = 1
      classes[$1] = classes[$1] " " $2
      distinct[$1]++
      if ($2 != "balanced") firm[$1]++
    }
    shares[$1] = shares[$1] " " ($3 == "" ? "-" : sprintf("%.2f", $3))
  }
  END {
    for (i = 1; i <= cells; i++) {
      cell = order[i]
      if (distinct[cell] < 2) continue
      flips++
      kind = "neighbours"
      if (firm[cell] > 1) { wrong++; kind = "WRONG" }
      printf "%-10s %s:%s (efficiency%s)\n", kind, cell, classes[cell], shares[cell]
    }
    printf "%d cells, %d flips, %d of them not to or from balanced", cells, flips, wrong
    printf "; %d of %d labels not compared for their low confidence\n", low, labels
    exit wrong > 0
  }' "$labels"
