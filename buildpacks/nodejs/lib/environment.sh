# Config vars reach a build as files (buildpack API). npm, its scripts and the app's own need them as variables.

# Never taken from config vars: they would change the build's own tools, or where it works.
readonly env_kept_out='^(PATH|HOME|PWD|SHLVL|SHELL|TMPDIR|STACK|SOURCE_DATE_EPOCH|GIT_DIR|CPATH|CPPATH|LD_.*|LIBRARY_PATH|BASH_.*|BASHOPTS|ENV|IFS|JAVA_OPTS|PYTHONHOME|QUINE_.*|REQUEST_ID|BUILDPACK_URL)$'

export_env_folder() {
  local file name
  for file in "$1"/*; do
    name=${file##*/}
    [[ -f $file && $name =~ ^[A-Za-z_][A-Za-z0-9_]*$ && ! $name =~ $env_kept_out ]] || continue
    export "$name=$(<"$file")"
  done
}

# The config vars that npm, node-gyp and compilers look at, as they are part of what dependencies depend on.
installing_config() {
  local file name
  for file in "$1"/*; do
    name=${file##*/}
    [[ -f $file && $name =~ ^(NPM_|npm_|NODE_|CC$|CXX$|CFLAGS$|CXXFLAGS$|CPPFLAGS$|LDFLAGS$) ]] || continue
    printf '%s=%s\n' "$name" "$(<"$file")"
  done
}
