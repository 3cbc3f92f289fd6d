# Roots of Debian releases, to build and to try in; for other scripts, with `folder` set. As root.
#
# Roots are made by debootstrap below the folder, once each; this machine's Swift is mounted into
# them. Mounts live in a namespace that ends with each step.
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
source=$(dirname "$here")
mirror=${MIRROR:-http://deb.debian.org/debian}
[ "$(id -u)" = 0 ] || { echo "$(basename "$0" .sh): debootstrap and chroot need root" >&2; exit 1; }
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

# A root with what a Swift compiler needs there.
workshop() { # RELEASE NAME
  [ ! -e "$folder/$2/ready" ] || return 0
  local compiler=14 curl=libcurl4t64
  if [ "$1" = bookworm ]; then compiler=12 curl=libcurl4; fi
  fresh "$1" "$2"
  inside "$2" apt-get update -qq
  inside "$2" apt-get install -y -qq --no-install-recommends make git ca-certificates python3 \
    libc6-dev "libstdc++-$compiler-dev" "libgcc-$compiler-dev" binutils pkgconf libsqlite3-0 libncurses6 "$curl" \
    >"$folder/$2.log"
  touch "$folder/$2/ready"
}

# The packages that Swift has fetched already need not be fetched again.
handPackages() { # SCRATCH
  if [ ! -e "$source/$1/checkouts" ] && [ -e "$source/.build/checkouts" ]; then
    mkdir -p "$source/$1"
    cp -a "$source"/.build/{checkouts,repositories,workspace-state.json} "$source/$1/"
  fi
}
