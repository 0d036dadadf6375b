# The Aptfile: a package name, the address of a .deb, or `:repo:` and a line of sources.list, one a line; # begins a comment.

readonly aptfile_lines_max=500

# Sets `packages`, `addresses` and `repositories`.
read_aptfile() {
  local file=$1 line number=0
  packages=() addresses=() repositories=()
  [[ -L $file ]] && fail "Aptfile is not a regular file."
  while IFS= read -r line || [[ -n $line ]]; do
    number=$((number + 1))
    ((number <= aptfile_lines_max)) || fail "Aptfile has more than $aptfile_lines_max lines."
    line=${line%%#*}
    line=${line//$'\r'/}
    line=$(trim "$line")
    if [[ -z $line ]]; then
      continue
    elif [[ $line == :repo:* ]]; then
      line=$(trim "${line#:repo:}")
      [[ $line =~ ^deb\ (\[[A-Za-z0-9=,./:_\ -]*\]\ )?https?://[^\ ]+\ [A-Za-z0-9./_-]+(\ [A-Za-z0-9_-]+)*$ ]] ||
        fail "Aptfile line $number is not a repository: $(printf '%.80q' "$line")" "It looks like this: :repo:deb https://host/debian bookworm main"
      repositories+=("$line")
    elif [[ $line =~ ^https?://[^\ ]+\.deb$ ]]; then
      addresses+=("$line")
    elif [[ $line =~ ^[a-z0-9][a-z0-9.+:~=_-]*$ ]]; then
      packages+=("$line")
    else
      fail "Aptfile line $number is not a package, the address of a .deb or a :repo: line: $(printf '%.80q' "$line")"
    fi
  done <"$file"
}

trim() {
  local text=$1
  text=${text#"${text%%[![:space:]]*}"}
  echo "${text%"${text##*[![:space:]]}"}"
}
