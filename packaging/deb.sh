#!/usr/bin/env bash
# Makes a Debian package of what `make install` installs, for the release that this runs on.
#
#   packaging/deb.sh STAGE VERSION FOLDER
#
# STAGE holds the installed tree (PREFIX=/usr); the package is written into FOLDER and its path printed.
# DEBFULLNAME and DEBEMAIL name its maintainer, SOURCE_DATE_EPOCH its date.
set -euo pipefail
stage=$(realpath "$1") version=$2 folder=$(realpath "$3")
here=$(dirname "$(realpath "$0")")
. /etc/os-release
full="$version-1~deb${VERSION_ID%%.*}"
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-ntprof maintainers} <${DEBEMAIL:-maintainers@ntprof.invalid}>"
epoch=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH=$epoch
umask 022

strip --strip-unneeded --remove-section=.comment --remove-section=.note "$stage/usr/bin/ntprof"
find "$stage/usr/share/man" -name '*.1' -exec gzip -9n {} +

doc=$stage/usr/share/doc/ntprof
mkdir -p "$doc"
cp "$here/copyright" "$doc/copyright"
gzip -9nc "$here/../CHANGELOG.md" >"$doc/changelog.gz"
gzip -9nc >"$doc/changelog.Debian.gz" <<END
ntprof ($full) ${VERSION_CODENAME:-unstable}; urgency=medium

  * Package of ntprof $version; its changes are in changelog.gz.

 -- $maintainer  $(LC_ALL=C date -uR -d "@$epoch")
END

# dpkg-shlibdeps wants the sources' debian/control beside the tree.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/debian" "$stage/DEBIAN"
printf 'Source: ntprof\n\nPackage: ntprof\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O -e"$stage/usr/bin/ntprof" | sed -n 's/^shlibs:Depends=//p')

cat >"$stage/DEBIAN/control" <<END
Package: ntprof
Version: $full
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -k -s --apparent-size --exclude=DEBIAN "$stage" | cut -f1)
Depends: $depends
Recommends: graphviz, libjs-chart.js, valgrind
Section: science
Priority: optional
Description: profiler of neural-network topologies, layer by layer
 ntprof says what a neural network costs on this CPU before anyone trains it.
 A network is a page of XML, or one of those that come with the program; ntprof
 fills it with seeded random weights, runs it on oneDNN and says for every layer
 how long it takes, which implementation ran, what it cost in cycles,
 instructions and cache misses where the machine can count them, and whether
 memory or the core holds it back. Two variants are compared with statistics,
 and sweeps find the best of many.
 .
 graphviz and libjs-chart.js are for the pages' graphs and charts, valgrind for
 counters simulated where the machine has none.
END
(cd "$stage" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$stage" -exec touch --no-dereference --date="@$epoch" {} +
package=$folder/ntprof_${full}_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$stage" "$package" >/dev/null
echo "$package"
