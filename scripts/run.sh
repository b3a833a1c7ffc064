#!/usr/bin/env bash
# The main job: scripts/run.sh BIN
# Without a display it enlarges the sample photo and says where the result lies.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || [ "$(uname)" = Darwin ]; then
  exec "$bin/srgan-desktop"
fi
echo "No display: enlarging the sample photo instead of opening the window."
exec "$bin/srgan-desktop" upscale resources/samples/otter.jpg -o output/ --existing overwrite
