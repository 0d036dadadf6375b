# How a dyno, and the buildpacks after this one, find what the packages brought.

# write_paths FILE ROOT: shell lines with ROOT standing for the app's folder.
write_paths() {
  local file=$1 root=$2
  {
    echo "export PATH=\"$(joined "$root" "${program_folders[@]}"):\$PATH\""
    echo "export LD_LIBRARY_PATH=\"$(joined "$root" "${library_folders[@]}")\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}\""
    echo "export LIBRARY_PATH=\"$(joined "$root" "${library_folders[@]}")\${LIBRARY_PATH:+:\$LIBRARY_PATH}\""
    echo "export CPATH=\"$(joined "$root" usr/include usr/include/x86_64-linux-gnu)\${CPATH:+:\$CPATH}\""
    echo "export PKG_CONFIG_PATH=\"$(joined "$root" usr/lib/x86_64-linux-gnu/pkgconfig usr/lib/pkgconfig usr/share/pkgconfig)\${PKG_CONFIG_PATH:+:\$PKG_CONFIG_PATH}\""
    echo "export PERL5LIB=\"$(joined "$root" usr/share/perl5)\${PERL5LIB:+:\$PERL5LIB}\""
    echo "export PYTHONPATH=\"$(joined "$root" usr/lib/python3/dist-packages)\${PYTHONPATH:+:\$PYTHONPATH}\""
  } >"$file"
}

# Sets `program_folders` and `library_folders`, relative to .apt.
find_folders() {
  local found
  program_folders=()
  # Packages with several versions keep their programs apart, as PostgreSQL does in usr/lib/postgresql/15/bin. They come first: what
  # stands in usr/bin is then a wrapper that looks for its versions at places where an app has none.
  while read -r found; do
    if is_plain "$found"; then program_folders+=("$found"); fi
  done < <(cd "$build/.apt" && find usr/lib -mindepth 2 -maxdepth 3 -type d -name bin 2>/dev/null | sort)
  program_folders+=(usr/local/bin usr/local/sbin usr/bin usr/sbin bin sbin)
  library_folders=(usr/lib/x86_64-linux-gnu usr/lib lib/x86_64-linux-gnu lib)
  # And libraries in folders of their own, as BLAS does in usr/lib/x86_64-linux-gnu/blas.
  while read -r found; do
    is_plain "$found" || continue
    [[ " ${library_folders[*]} " == *" $found "* ]] || library_folders+=("$found")
  done < <(cd "$build/.apt" && find usr/lib lib -name 'lib*.so*' -printf '%h\n' 2>/dev/null | sort -u)
}

# Fit to stand between a shell's double quotes.
is_plain() { [[ $1 =~ ^[A-Za-z0-9_./+-]+$ ]]; }

joined() {
  local root=$1 folder text=
  shift
  for folder in "$@"; do text+=:$root/.apt/$folder; done
  echo "${text#:}"
}
