#!/bin/sh
# Make an AppImage of the finished folder: packaging/linux/appimage.sh [FOLDER [TARGET]]
# Wants appimagetool (github.com/AppImage/appimagetool) in PATH or in $APPIMAGETOOL. With
# APPDIR_ONLY=1 it stops before that, with the folder laid out in build/AppDir.
set -eu
cd "$(dirname "$0")/../.."
folder=${1:-dist/srgan-desktop}
target=${2:-dist/srgan-desktop-$(uname -m).AppImage}
id=io.github.srgan_desktop.SrganDesktop
app=${APPDIR:-build/AppDir}

[ -x "$folder/srgan-desktop" ] || { echo "$folder: no package there yet: make package" >&2; exit 1; }
rm -rf "$app"
mkdir -p "$app/usr/lib" "$app/usr/share/metainfo"
cp -a "$folder" "$app/usr/lib/srgan-desktop"
cp "$folder/$id.desktop" "$app/$id.desktop"
cp "$folder/$id.metainfo.xml" "$app/usr/share/metainfo/$id.appdata.xml"
cp "$folder/$id.svg" "$app/$id.svg"
ln -s "$id.svg" "$app/.DirIcon"
# a script and not a link: the program finds its parts beside its own file
cat > "$app/AppRun" <<'RUN'
#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/usr/lib/srgan-desktop/srgan-desktop" "$@"
RUN
chmod 755 "$app/AppRun"
[ -z "${APPDIR_ONLY:-}" ] || exit 0
"${APPIMAGETOOL:-appimagetool}" --comp zstd "$app" "$target"
