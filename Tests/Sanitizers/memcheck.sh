#!/bin/sh
# Runs ntprof under valgrind's memcheck: its readers on good and broken files, a network once, and a small profile.
#
#     Tests/Sanitizers/memcheck.sh .build/release/ntprof
#
# Each command must end with its status and without an error of memory. valgrind 3.19 knows no AVX-512, so oneDNN is kept to AVX2. Roofs
# would take minutes: with more than four threads on the one CPU that the profile may use, none are measured.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# valgrind 3.19 gives up on debug information of DWARF 5; names of functions stay.
strip -g -o "$folder/ntprof" "$1"
cp "$tests/Fixtures/tiny.onnx" "$tests/Fixtures/tiny-input.npy" "$folder"
cd "$folder"
cat >narrow.xml <<'XML'
<topology name="narrow" version="1"><param name="units" value="64"/>
<input name="x" shape="4x64" layout="nc"/>
<layer name="a"><fc units="${units}"/><activation kind="relu"/></layer>
<layer name="b"><fc units="16"/></layer></topology>
XML
sed 's/units="16"/unist="16"/' narrow.xml >broken.xml
export XDG_CACHE_HOME="$folder/cache" OMP_WAIT_POLICY=passive SWIFT_BACKTRACE=enable=no

# checked STATUS ARGUMENTS...: one run, which must end with that status.
checked() {
  want=$1; shift
  status=0
  $limit valgrind --quiet --error-exitcode=99 --num-callers=30 --gen-suppressions=all \
    --suppressions="$tests/Sanitizers/memcheck.supp" --log-file="$folder/found.%p" \
    ./ntprof "$@" >out.txt 2>err.txt || status=$?
  if [ "$status" != "$want" ]; then
    echo "ntprof $*: status $status, and not $want" >&2
    cat found.* err.txt >&2
    exit 1
  fi
  rm -f found.*
  echo "memcheck: ntprof $*: clean"
}

limit=
checked 0 check narrow.xml
checked 65 check broken.xml
checked 0 import tiny.onnx -o imported.xml --weights keep
checked 0 export narrow.xml -o narrow.onnx --test-data given --threads 1
checked 0 run tiny.onnx --input tiny-input.npy --outputs outputs --shape image=2x3x16x16 --threads 1
cpu=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status)
limit="taskset -c $cpu"
checked 0 profile narrow.xml --threads 5 --isa avx2 --tuning fast --iterations 2 --warmup 0 --counters none --output made
limit=
checked 0 report made/*.json --output pages
