#!/bin/sh
# Finds the Chromium that the browser tests drive: CHROMIUM names it, or it is on the PATH. Installs it where it may.
# The headless shell is Chromium without its windows: the same pages take a sixth less CPU. Not every system has a package of it.
packages='apt-get install -qy --no-install-recommends fonts-dejavu-core'
install="apt-get update -q; $packages chromium-headless-shell || $packages chromium"
is_there() { command -v "$1" >/dev/null; }

is_there "${CHROMIUM:-chromium-headless-shell}" && exit
if [ -n "$CHROMIUM" ]; then
  echo "CHROMIUM names no program: $CHROMIUM" >&2
  exit 1
fi
[ "$(id -u)" = 0 ] && sh -c "$install" && exit
is_there chromium && exit
{ echo 'The browser tests need Chromium. Install it with:'; echo "  sudo sh -c '$install'"; } >&2
exit 1
