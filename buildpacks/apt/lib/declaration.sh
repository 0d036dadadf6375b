# Declarations of dependencies (services/compiler/README.md): a layer of its own, reused while its key is the same.

# declare_deps NAME KEY PATH…
declare_deps() {
  local name=$1 key=$2 paths
  shift 2
  printf -v paths '"%s",' "$@"
  mkdir -p "$QUINE_DEPS"
  printf '{"key":"%s","paths":[%s]}\n' "$key" "${paths%,}" >"$QUINE_DEPS/$name.json"
}

# True when the last build's layer of that name, lying under the build folder, has this key.
is_declared_before() {
  local name=$1 key=$2 text
  [[ -n $key && -f $QUINE_DEPS_BEFORE/$name.json ]] || return 1
  text=$(<"$QUINE_DEPS_BEFORE/$name.json")
  [[ $text == '{"key":"'"$key"'",'* ]]
}

# A hash of what comes in on standard input.
hash_input() { sha256sum | cut -c 1-64; }
