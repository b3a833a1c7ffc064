#!/bin/sh
# Install the Debian package on a system that has nothing else, try it, remove it:
#   packaging/linux/try_deb.sh [FILE.deb [SUITE]]
# Root's; wants debootstrap, and takes 2 GB under build/ for that time.
set -eu
cd "$(dirname "$0")/../.."
deb=${1:-$(ls dist/srgan-desktop_*.deb)}
suite=${2:-bookworm}
[ "$(id -u)" = 0 ] || { echo "only root can do this" >&2; exit 1; }
mkdir -p build
# new each time: nothing is removed through what another start has mounted
root=$(realpath "$(mktemp -d build/deb-root.XXXXXX)")
chmod 755 "$root"

cleanup() {
  for mounted in dev/shm proc; do
    if grep -q " $root/$mounted " /proc/mounts; then umount "$root/$mounted" || exit 1; fi
  done
  rm -rf --one-file-system "$root"
}
trap cleanup EXIT
echo "making a bare system of $suite"
debootstrap --variant=minbase "$suite" "$root" >/dev/null
mkdir -p "$root/dev/shm"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev/shm"
cp /etc/resolv.conf "$root/etc/" 2>/dev/null || true
cp /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
cp "$deb" "$root/tmp/srgan-desktop.deb"
cp resources/samples/otter.jpg "$root/tmp/"

chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive sh -eu <<'INSIDE'
echo "installing"
apt-get update -qq
apt-get install -y -qq --no-install-recommends /tmp/srgan-desktop.deb >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
if command -v python3; then echo "there is a Python already"; exit 1; fi
useradd -m someone
as_someone() { su someone -s /bin/sh -c "cd; $1"; }
as_someone "srgan-desktop --version"
as_someone "srgan-desktop upscale /tmp/otter.jpg -o out.png && test -s out.png"
as_someone "srgan-desktop upscale /tmp/otter.jpg -o out.jxl --scale 2 && test -s out.jxl"
as_someone "QT_QPA_PLATFORM=offscreen srgan-desktop doctor --window"
for library in $(find /usr/lib/srgan-desktop -name libqxcb.so); do
  if LD_LIBRARY_PATH=/usr/lib/srgan-desktop/_internal ldd "$library" | grep "not found"; then exit 1; fi
done
test -e /usr/share/applications/io.github.srgan_desktop.SrganDesktop.desktop
apt-get remove -y -qq srgan-desktop >/dev/null 2>&1
test ! -e /usr/lib/srgan-desktop
test ! -e /usr/bin/srgan-desktop
echo "installed, started and removed"
INSIDE
