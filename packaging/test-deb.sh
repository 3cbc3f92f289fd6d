#!/usr/bin/env bash
# Builds the package for Debian releases, installs each in a fresh root of its release, and uses it there.
#
#   packaging/test-deb.sh FOLDER RELEASE...       (as root; RELEASE is bookworm, trixie, …)
#
# A package for another release than this machine's is built in a root of that release, so that it is
# linked against that release's oneDNN and PAPI.
set -euo pipefail
folder=$(realpath -m "$1"); shift
here=$(dirname "$(realpath "$0")")
. "$here/roots.sh"
. /etc/os-release
own=${VERSION_CODENAME:-none}

build() { # RELEASE: the package for it, in FOLDER/packages
  local release=$1 make=(make --no-print-directory deb PACKAGE_FOLDER="$folder/packages")
  if [ "$release" = "$own" ]; then "${make[@]}" -C "$source"; return; fi
  local name=build-$release scratch=.build-deb-$release
  workshop "$release" "$name"
  handPackages "$scratch"
  inside "$name" make --no-print-directory -C /build/ntprof deb SWIFT="$swift" SCRATCH="$scratch" \
    COMMIT="$(git -C "$source" describe --always --dirty --exclude '*' 2>/dev/null || true)" \
    SOURCE_DATE_EPOCH="$(git -C "$source" log -1 --format=%ct 2>/dev/null || date +%s)" \
    PACKAGE_FOLDER="$scratch/packages"
  mkdir -p "$folder/packages"
  cp "$source/$scratch"/packages/*.deb "$folder/packages/"
}

for release in "$@"; do
  build "$release"
  fresh "$release" "test-$release"
  number=$(. "$folder/test-$release/etc/os-release"; echo "$VERSION_ID")
  package=$(ls -t "$folder"/packages/ntprof_*~deb"$number"_*.deb | head -n 1)
  echo "=== $release: $(basename "$package")"
  dpkg-deb -f "$package" Depends
  echo '=== lintian'
  lintian --allow-root --profile debian --fail-on error,warning "$package" && echo 'lintian: clean'
  echo "=== installed in a fresh $release"
  cp "$package" "$folder/test-$release/ntprof.deb"
  cp "$here/smoke.sh" "$folder/test-$release/smoke.sh"
  inside "test-$release" apt-get update -qq
  inside "test-$release" apt-get install -y -qq --no-install-recommends ./ntprof.deb \
    >"$folder/test-$release.log"
  # Out of the sources' and the toolchain's sight.
  inside "test-$release" sh -euc 'umount /build/ntprof; umount "$1"; sh /smoke.sh' sh "$toolchain"
  inside "test-$release" apt-get purge -y -qq ntprof >/dev/null
  if [ -n "$(find "$folder/test-$release/usr" -path '*ntprof*' -print -quit)" ]; then
    echo 'test-deb: purge leaves files behind' >&2; exit 1
  fi
  echo "=== purged: nothing is left"
done
