#!/usr/bin/env bash
# Builds the package for Debian releases, installs each in a fresh root of its release, and uses it there.
#
#   packaging/test-deb.sh FOLDER RELEASE...       (as root; RELEASE is bookworm, trixie, …)
#
# Roots are made by debootstrap below FOLDER, once each. A package for another release than this
# machine's is built in a root of that release, with this machine's Swift mounted into it, so that it
# is linked against that release's oneDNN and PAPI. Mounts live in a namespace that ends with each step.
set -euo pipefail
folder=$(realpath -m "$1"); shift
here=$(dirname "$(realpath "$0")")
source=$(dirname "$here")
mirror=${MIRROR:-http://deb.debian.org/debian}
[ "$(id -u)" = 0 ] || { echo 'test-deb: debootstrap and chroot need root' >&2; exit 1; }
. /etc/os-release
own=${VERSION_CODENAME:-none}
# /opt/swift/usr/bin/swift -> /opt/swift
swift=$(realpath "$(command -v "${SWIFT:-swift}")")
toolchain=${swift%/usr/bin/*}
mkdir -p "$folder"

# A fresh root: unpacked from the one that debootstrap made.
fresh() { # RELEASE NAME
  local root=$folder/$2
  if [ ! -e "$folder/base-$1.tar" ]; then
    [ -e "$folder/base-$1/etc/debian_version" ] \
      || debootstrap --variant=minbase "$1" "$folder/base-$1" "$mirror" >"$folder/base-$1.log"
    tar -C "$folder/base-$1" -cf "$folder/base-$1.tar.part" --one-file-system .
    mv "$folder/base-$1.tar.part" "$folder/base-$1.tar"
    rm -rf --one-file-system "$folder/base-$1"
  fi
  rm -rf --one-file-system "$root"
  mkdir -p "$root"
  tar -C "$root" -xf "$folder/base-$1.tar"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
}

# Runs a command in a root, with the sources at /build/ntprof and Swift where it is here.
inside() { # NAME COMMAND...
  local root=$folder/$1; shift
  mkdir -p "$root/build/ntprof" "$root$toolchain"
  unshare --mount --pid --fork --kill-child bash -euc '
    root=$1 source=$2 toolchain=$3; shift 3
    mount --bind "$source" "$root/build/ntprof"
    mount --bind -o ro "$toolchain" "$root$toolchain"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --rbind /sys "$root/sys"
    exec chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
  ' inside "$root" "$source" "$toolchain" "$@"
}

build() { # RELEASE: the package for it, in FOLDER/packages
  local release=$1 make=(make --no-print-directory deb PACKAGE_FOLDER="$folder/packages")
  if [ "$release" = "$own" ]; then "${make[@]}" -C "$source"; return; fi
  local name=build-$release scratch=.build-deb-$release
  if [ ! -e "$folder/$name/ready" ]; then
    fresh "$release" "$name"
    inside "$name" apt-get update -qq
    inside "$name" apt-get install -y -qq --no-install-recommends make git ca-certificates python3 \
      libc6-dev libstdc++-14-dev libgcc-14-dev binutils pkgconf libsqlite3-0 libncurses6 libcurl4t64 \
      >"$folder/$name.log"
    touch "$folder/$name/ready"
  fi
  # The packages that Swift has fetched already need not be fetched again.
  if [ ! -e "$source/$scratch/checkouts" ] && [ -e "$source/.build/checkouts" ]; then
    mkdir -p "$source/$scratch"
    cp -a "$source"/.build/{checkouts,repositories,workspace-state.json} "$source/$scratch/"
  fi
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
