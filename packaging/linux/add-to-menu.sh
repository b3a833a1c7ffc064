#!/bin/sh
# Put SRGAN Desktop into this person's menu of programs: add-to-menu.sh [--remove]
# Nothing is installed elsewhere; move the folder and run this again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
id=io.github.srgan_desktop.SrganDesktop
data=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$data/applications/$id.desktop
icon=$data/icons/hicolor/scalable/apps/$id.svg

if [ "${1:-}" = --remove ]; then
  rm -f "$entry" "$icon"
else
  mkdir -p "$(dirname "$entry")" "$(dirname "$icon")"
  cp "$here/$id.svg" "$icon"
  # quoted as the specification of .desktop files wants it, for folders with spaces
  program=$(printf '%s' "$here/srgan-desktop" | sed 's/[\\"`$]/\\\\&/g; s/%/%%/g')
  while IFS= read -r line; do
    case $line in
      Exec=*) printf 'Exec="%s"%s\n' "$program" "${line#Exec=srgan-desktop}" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done < "$here/$id.desktop" > "$entry"
fi
if command -v update-desktop-database >/dev/null; then
  update-desktop-database "$data/applications" || true
fi
