# Packages laid into .apt in the order of their names; their install scripts do not run.

unpack_packages() {
  local archive
  mkdir -p "$build/.apt"
  for archive in "$archives"/*.deb; do
    [[ -e $archive ]] || continue
    detail "Installing $(basename "$archive" .deb | sed 's/%3a/:/')"
    dpkg-deb --extract "$archive" "$build/.apt" || fail "$(basename "$archive") cannot be unpacked."
  done
  # Reading matter is not needed at run time.
  rm -rf "$build/.apt/usr/share/"{doc,man,info,lintian,locale}
  point_links_inside
  point_pkg_config_inside
}

# `/usr/lib/x.so.1` as the target of a link means the one below .apt, where that is there and the stack has none.
point_links_inside() {
  local link target
  find "$build/.apt" -type l -lname '/*' -print | sort | while read -r link; do
    target=$(readlink "$link")
    [[ -e $build/.apt$target && ! -e $target ]] || continue
    ln -sfn "$(realpath --no-symlinks --relative-to="$(dirname "$link")" "$build/.apt$target")" "$link"
  done
}

# pkg-config files name absolute places: during a build those are below the build folder, which is always the same.
point_pkg_config_inside() {
  find "$build/.apt" -type f -name '*.pc' -exec sed -i -E "s!^(prefix|exec_prefix|libdir|includedir)=/usr!\1=$build/.apt/usr!" {} +
}
