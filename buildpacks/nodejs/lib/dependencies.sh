# node_modules: installed from the lockfile, with what the app's own scripts make; pruned to what it needs at run time.

# Scripts of the app itself that npm runs with an installation, and those that run round it. With any of them, development
# dependencies are installed first and node_modules depends on more than the lockfile.
readonly install_scripts=(preinstall install postinstall prepublish preprepare prepare postprepare)
readonly build_scripts=(heroku-prebuild heroku-postbuild heroku-cleanup build)

# A binding.gyp at the root is npm's sign to run node-gyp there.
has_install_scripts() { package_has_any "${install_scripts[@]}" || [[ -f $build/binding.gyp ]]; }

has_build() { has_install_scripts || package_has_any "${build_scripts[@]}"; }

install_dependencies() {
  if [[ ${NPM_CONFIG_PRODUCTION:-} == false ]] || { has_build && ! builds_with_production_alone; }; then
    run_script heroku-prebuild
    npm_install --include=dev
    run_build_script
    prune_dependencies
    run_script heroku-cleanup
  elif has_build; then
    run_script heroku-prebuild
    npm_install --omit=dev
    run_build_script
    run_script heroku-cleanup
  elif has_dependencies; then
    npm_install --omit=dev
  elif has_own_modules; then
    warn "node_modules is part of the source and is used as it is."
  else
    rm -rf "${build:?}/node_modules"
    detail "No dependencies"
  fi
  drop_build_leftovers
}

# Prints the key to declare node_modules with: empty where the lockfile does not say it all, "scripts …" where the build scripts
# have to run all the same.
reusable_key() {
  if has_links || has_own_modules || has_install_scripts || { has_dependencies && ! has_lock; }; then
    return 0
  elif ! package_has_any "${build_scripts[@]}"; then
    echo "$1"
  elif builds_with_production_alone && [[ ${NPM_CONFIG_PRODUCTION:-} != false ]]; then
    echo "scripts $1"
  fi
}

run_scripts_alone() {
  detail "Dependencies have not changed"
  run_script heroku-prebuild
  run_build_script
  run_script heroku-cleanup
  # What ran is the app's own: the compiler looks whether it wrote into dependencies.
  : >"$QUINE_DEPS/compare"
}

# Modules that came with the source: those of the last build have a declaration.
has_own_modules() { [[ -d $build/node_modules && ! -f $QUINE_DEPS_BEFORE/modules.json ]]; }

# Where npm has nothing to install, not even for the app's own scripts, it is not started.
needs_install() {
  has_dependencies || has_install_scripts
}

npm_install() {
  if ! needs_install; then
    detail "No dependencies"
  elif has_lock; then
    rm -rf "${build:?}/node_modules"
    npm_run "Installing dependencies from the lockfile" ci "$@"
  else
    warn "There is no package-lock.json: versions are chosen anew at every build. Commit the one that \`npm install\` writes."
    npm_run "Installing dependencies" install --no-package-lock "$@"
  fi
}

npm_run() {
  local what=$1
  shift
  detail "$what (npm $1)"
  indented in_build npm "$@" || fail "$what failed (npm $1)."
}

in_build() { (cd "$build" && "$@"); }

run_script() {
  package_has_any "$1" || return 0
  topic "Running $1"
  indented in_build npm run "$1" --if-present || fail "The script \"$1\" of package.json failed."
}

# As on Heroku, heroku-postbuild stands in the place of build.
run_build_script() {
  if package_has_any heroku-postbuild; then run_script heroku-postbuild; else run_script build; fi
}

prune_dependencies() {
  [[ ${NPM_CONFIG_PRODUCTION:-} == false ]] && return 0
  has_dependencies || return 0
  npm_run "Removing development dependencies" prune --omit=dev
}

# What node-gyp leaves beside an addon says when and how it was made, not what it is: a slug is a function of its source.
drop_build_leftovers() {
  local leftover folder
  {
    [[ ! -f $build/build/config.gypi ]] || echo "$build/build/config.gypi"
    [[ ! -d $build/node_modules ]] || find "$build/node_modules" -path '*/build/config.gypi' -print
  } | while read -r leftover; do
    folder=${leftover%/config.gypi}
    rm -rf "$leftover" "$folder"/Makefile "$folder"/binding.Makefile "$folder"/*.mk "$folder"/node_gyp_bins \
      "$folder"/{Release,Debug}/{.deps,obj.target,obj}
    find "$folder" -type f \( -name '*.o' -o -name '*.d' -o -name '*.a' \) -delete
  done
}
