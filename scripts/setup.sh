#!/usr/bin/env bash
# Make the environment: scripts/setup.sh PYTHON VENV REQUIREMENT
# Installs system libraries where they are missing and this user may (root or sudo), creates the
# virtual environment, and installs the program in it, editable, with the tested versions.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1 venv=$2 requirement=$3

say() { printf '%s\n' "$*" >&2; }

# package -> a library that it brings; the window needs them, Qt loads them at run time
declare -A libraries=(
  [libegl1]=libEGL.so.1 [libgl1]=libGL.so.1 [libxkbcommon0]=libxkbcommon.so.0
  [libfontconfig1]=libfontconfig.so.1 [libfreetype6]=libfreetype.so.6
  [libglib2.0-0]=libglib-2.0.so.0 [libdbus-1-3]=libdbus-1.so.3
  [libxcb-cursor0]=libxcb-cursor.so.0 [libxcb-icccm4]=libxcb-icccm.so.4
  [libxcb-keysyms1]=libxcb-keysyms.so.1 [libxcb-image0]=libxcb-image.so.0
  [libxcb-randr0]=libxcb-randr.so.0 [libxcb-render-util0]=libxcb-render-util.so.0
  [libxcb-shape0]=libxcb-shape.so.0 [libxcb-xkb1]=libxcb-xkb.so.1
  [libxkbcommon-x11-0]=libxkbcommon-x11.so.0
)

# command -> the package that brings it; tests of a real window on a virtual screen use them
declare -A programs=([Xvfb]=xvfb [xdotool]=xdotool [openbox]=openbox)
# package -> its program; what the slow tests and scripts/screenshots.py open the window on
declare -A screen_programs=([xvfb]=Xvfb [xdotool]=xdotool [openbox]=openbox)

missing_packages() {
  command -v apt-get >/dev/null || return 0
  local known package
  known=$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true)
  for package in "${!libraries[@]}"; do
    grep -qF "${libraries[$package]} " <<<"$known" || printf '%s\n' "$package"
  done
  if [[ $requirement == *dev* ]]; then
    for package in "${!screen_programs[@]}"; do
      command -v "${screen_programs[$package]}" >/dev/null || printf '%s\n' "$package"
    done
  fi
  if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then printf 'python3-venv\n'; fi
  if [[ $requirement == *dev* ]]; then
    local program
    for program in "${!programs[@]}"; do
      command -v "$program" >/dev/null || printf '%s\n' "${programs[$program]}"
    done
  fi
  if ! fc-list 2>/dev/null | grep -q .; then printf 'fonts-dejavu-core\nfontconfig\n'; fi
}

install_packages() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      say "These system packages are missing; ask an administrator to install them: $*"
      return 0
    fi
    as_root=(sudo)
  fi
  say "Installing system packages: $*"
  # a package list may be old or absent; a mirror that is down must not stop what works without it
  { "${as_root[@]}" apt-get -qq update &&
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get -qq -y --no-install-recommends install "$@" >/dev/null
  } || say "Some could not be installed; the command line works without them, the window may not."
}

if ! command -v "$python" >/dev/null; then
  say "$python is not there: install Python 3.11 or newer, or call: make PYTHON=/path/to/python"
  exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  say "$("$python" --version) is too old: Python 3.11 or newer is needed"
  exit 1
fi
mapfile -t missing < <(missing_packages)
[ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"

if [ ! -x "$venv/bin/python" ]; then
  say "Making the environment in $venv (once; several GB, some minutes)"
  "$python" -m venv "$venv"
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  -c constraints.txt -e "$requirement"
