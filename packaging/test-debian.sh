#!/usr/bin/env bash
# Runs a make target in a root of another Debian release, against that release's oneDNN and PAPI.
#
#   packaging/test-debian.sh FOLDER RELEASE TARGET [VARIABLE=VALUE...]    (as root; RELEASE is bookworm or trixie)
set -euo pipefail
folder=$(realpath -m "$1"); release=$2; shift 2
. "$(dirname "$(realpath "$0")")/roots.sh"
scratch=.build-$release
workshop "$release" "build-$release"
handPackages "$scratch"
# Tests fetch what they compare with as a user would, and Git is asked for the commit in a folder of
# somebody else's.
inside "build-$release" git config --global --replace-all safe.directory '*'
inside "build-$release" make --no-print-directory -C /build/ntprof SWIFT="$swift" SCRATCH="$scratch" "$@"
inside "build-$release" sh -c 'dpkg-query -W libdnnl-dev libpapi-dev libxml2-dev'
