# The cache: npm's downloads, and folders that the app names (cacheDirectories), which its build script fills.

readonly npm_cache_kilobytes_max=500000

# npm_cache FOLDER: never lets the store of downloads grow without end.
trim_npm_cache() {
  [[ -d $1 ]] || return 0
  rm -rf "$1/_logs" "$1/_update-notifier-last-checked"
  if (($(du -sk "$1" | cut -f 1) > npm_cache_kilobytes_max)); then rm -rf "${1:?}"; fi
}

cache_directories() {
  jq -r '(.cacheDirectories // .cache_directories // []) | if type == "array" then .[] else empty end | select(type == "string")' \
    "$build/package.json" | while read -r folder; do
    # node_modules has a layer of its own; nothing outside of the app is taken.
    [[ $folder =~ ^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$ && ! $folder =~ (^|/)\.\.?(/|$) && $folder != node_modules ]] && echo "$folder"
  done || true
}

restore_cache_directories() {
  local folder
  cache_directories | while read -r folder; do
    [[ -d $cache/directories/$folder && ! -e $build/$folder ]] || continue
    detail "Restoring $folder from the cache"
    mkdir -p "$(dirname "$build/$folder")"
    cp -a "$cache/directories/$folder" "$build/$folder"
  done
}

save_cache_directories() {
  local folder
  rm -rf "${cache:?}/directories"
  cache_directories | while read -r folder; do
    [[ -d $build/$folder && ! -L $build/$folder ]] || continue
    detail "Saving $folder to the cache"
    mkdir -p "$(dirname "$cache/directories/$folder")"
    cp -a "$build/$folder" "$cache/directories/$folder"
  done
}
