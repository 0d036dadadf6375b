# Questions about package.json and the lockfile.

require_valid_package() {
  local complaint
  if ! complaint=$(jq -e 'type == "object"' "$build/package.json" 2>&1 >/dev/null) && [[ -n $complaint ]]; then
    fail "package.json is not valid JSON: ${complaint#jq: }" "Mend it and push again."
  fi
  jq -e 'type == "object"' "$build/package.json" >/dev/null || fail "package.json is not a JSON object."
}

refuse_other_package_managers() {
  local lock
  for lock in yarn.lock pnpm-lock.yaml bun.lock bun.lockb; do
    [[ -e $build/$lock ]] || continue
    if [[ -e $build/package-lock.json ]]; then
      fail "There are two lockfiles, package-lock.json and $lock." "Remove the one that is not used."
    fi
    fail "$lock: this package manager is not supported yet." "Remove $lock, run \`npm install\` and commit package-lock.json."
  done
}

# package_has_any SCRIPT…: one of these scripts is there.
package_has_any() {
  local names
  names=$(printf '%s\n' "$@")
  jq -e --arg names "$names" '(.scripts // {}) as $scripts | any($names | split("\n")[]; $scripts[.] != null)' "$build/package.json" >/dev/null
}

has_dependencies() {
  jq -e '[.dependencies, .devDependencies, .optionalDependencies, .workspaces, .peerDependencies] | any(. != null and length > 0)' \
    "$build/package.json" >/dev/null
}

# An npm range of engines.NAME, empty when there is none.
engine() { jq -r --arg name "$1" '.engines[$name]? // "" | tostring' "$build/package.json"; }

has_lock() { [[ -f $build/package-lock.json || -f $build/npm-shrinkwrap.json ]]; }

# A lock with links installs from files of the source (workspaces, file: dependencies): what it installs is not the lock's alone.
has_links() { grep -q -s '"link": true' "$build/package-lock.json" "$build/npm-shrinkwrap.json"; }

# `"quine": {"buildWithDevDependencies": false}` in package.json: the build scripts do without development dependencies, so that
# node_modules stays a function of the lockfile and only the scripts run at every build.
builds_with_production_alone() { jq -e '.quine.buildWithDevDependencies? == false' "$build/package.json" >/dev/null; }
