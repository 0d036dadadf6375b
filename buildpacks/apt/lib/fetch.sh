# Packages and what they need beyond the stack, fetched by apt as the build's user: it has lists, caches and locks of its own and
# looks at the stack's record of what is installed. Signatures are checked as on any Debian.

# Sets `archives`, the folder that holds the .deb files.
fetch_packages() {
  local work=$1
  archives=$work/archives
  mkdir -p "$archives/partial" "$work/lists/partial" "$work/sources.list.d"
  cp /etc/apt/sources.list.d/* "$work/sources.list.d/" 2>/dev/null || true
  cat /etc/apt/sources.list >"$work/sources.list" 2>/dev/null || true
  ((${#repositories[@]} == 0)) || printf '%s\n' "${repositories[@]}" >>"$work/sources.list"
  apt_options=(
    -o "Dir::Cache=$work" -o "Dir::Cache::archives=$archives" -o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache="
    -o "Dir::State=$work" -o "Dir::State::lists=$work/lists" -o "Dir::State::status=/var/lib/dpkg/status"
    -o "Dir::Etc::SourceList=$work/sources.list" -o "Dir::Etc::SourceParts=$work/sources.list.d"
    -o "Debug::NoLocking=true" -o "APT::Sandbox::User=" -o "Acquire::Languages=none" -o "Acquire::Retries=3"
    -o "Acquire::http::Timeout=30" -o "Acquire::https::Timeout=30" -o "APT::Update::Post-Invoke-Success=" -o "APT::Update::Post-Invoke="
    -o "DPkg::Post-Invoke=" -o "APT::Install-Recommends=false"
  )
  [[ -z ${SSL_CERT_FILE:-} ]] || apt_options+=(-o "Acquire::https::CAInfo=$SSL_CERT_FILE")

  detail "Reading package lists"
  apt_get update -qq
  if ((${#packages[@]} > 0)); then
    detail "Fetching packages: ${packages[*]}"
    # Named packages are fetched even where the stack has them: the app asks for them below .apt.
    apt_get install -qq --yes --download-only --reinstall --allow-downgrades "${packages[@]}"
  fi
  fetch_addresses
}

apt_get() {
  apt-get "${apt_options[@]}" "$@" 2>&1 | indent || fail "apt-get $1 failed." "Are the names in the Aptfile right?"
}

fetch_addresses() {
  local address number=0
  for address in "${addresses[@]}"; do
    number=$((number + 1))
    detail "Fetching $address"
    curl --silent --show-error --fail --location --proto-redir =http,https --max-time 300 --max-filesize 1000000000 \
      --output "$archives/zz-address-$number.deb" "$address" 2>&1 | indent || fail "$address cannot be fetched."
  done
}
