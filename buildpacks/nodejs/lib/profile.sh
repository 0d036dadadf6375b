# How a dyno, and the buildpacks after this one, find Node and the app's programs.

write_profile() {
  mkdir -p "$build/.profile.d"
  cat >"$build/.profile.d/nodejs.sh" <<'PROFILE'
export NODE_HOME="$HOME/.heroku/node"
export PATH="$NODE_HOME/bin:$HOME/node_modules/.bin:$PATH"
export NODE_ENV="${NODE_ENV:-production}"
PROFILE
}

write_export() {
  cat >"$buildpack/export" <<EXPORT
export NODE_HOME="$build/.heroku/node"
export PATH="$build/.heroku/node/bin:$build/node_modules/.bin:\$PATH"
export npm_config_nodedir="$build/.heroku/node"
EXPORT
}
