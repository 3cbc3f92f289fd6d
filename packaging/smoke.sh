#!/bin/sh
# Run inside a fresh Debian root in which the package was installed: does it do its work, alone?
set -eu
cd "$(mktemp -d)"
export HOME=$PWD

say() { printf '\n== %s\n' "$*"; }
must_hold() { grep -q -- "$1" "$2" || { echo "smoke: '$1' is not in what was printed" >&2; exit 1; }; }

say version
ntprof --version | tee version
must_hold oneDNN version
say linked against
ldd /usr/bin/ntprof | tee libraries
if grep -Eq 'not found|swift' libraries; then echo 'smoke: a library is missing' >&2; exit 1; fi
say list
ntprof list >list
head -n 4 list
[ "$(($(wc -l <list) - 1))" = "$(find /usr/share/ntprof/topologies -name '*.xml' | wc -l)" ]
say 'every bundled network is valid'
ntprof check $(ntprof list | awk 'NR > 1 { print $1 }') | tail -n 1
say profile
ntprof profile deepspeech --set hidden=256 --iterations 20 --format table --format html --quiet | tee table
must_hold bilstm table
ls reports
say 'int8'
ntprof profile squeezenet-1.1 --precision int8 --iterations 3 --no-save --quiet --format csv >csv
must_hold conv csv
say 'an unknown name'
set +e
ntprof show resnet5O 2>error; status=$?
set -e
cat error
[ $status = 66 ] && must_hold 'did you mean' error
say 'man pages and completions'
for page in ntprof ntprof-profile ntprof-diff; do [ -s /usr/share/man/man1/$page.1.gz ]; done
bash -c '. /usr/share/bash-completion/completions/ntprof; complete -p ntprof'
echo
echo 'smoke: all holds'
