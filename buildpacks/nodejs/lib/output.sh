# What the pusher reads, in Heroku's three shapes of line.

topic() { echo "-----> $*"; }

# A filter: every line of a program's output, indented, as it comes. npm warns of a setting that is node-gyp's: not the pusher's matter.
indent() { sed -u -e '/Unknown env config "nodedir"/d' -e 's/^./       &/'; }

detail() { echo "       $*"; }

warn() { echo " !     $*"; }

# Ends the build. The first argument says what is wrong, the others what to do.
fail() {
  local line
  for line in "$@"; do warn "$line"; done
  exit 1
}
