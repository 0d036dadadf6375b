# What the pusher reads, in Heroku's three shapes of line.

topic() { echo "-----> $*"; }

# A filter: every line of a program's output, indented, as it comes. npm warns of a setting that is node-gyp's: not the pusher's matter.
indent() { sed -u -e '/Unknown env config "nodedir"/d' -e 's/^./       &/'; }

# Runs a command with its output indented. A process that it leaves behind may hold the output open: that is waited for two
# seconds, not for ever (a read with a time limit, as there may be no process left to have for anything else).
indented() {
  local status=0 out into done
  exec {out}>&1
  coproc FILTER { indent >&"$out"; echo; }
  into=${FILTER[1]} done=${FILTER[0]}
  "$@" >&"$into" 2>&1 || status=$?
  exec {into}>&-
  read -r -t 2 -u "$done" _ || true
  exec {done}<&- {out}>&-
  return "$status"
}

detail() { echo "       $*"; }

warn() { echo " !     $*"; }

# Ends the build. The first argument says what is wrong, the others what to do.
fail() {
  local line
  for line in "$@"; do warn "$line"; done
  exit 1
}
