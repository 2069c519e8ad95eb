#!/bin/sh
# The spec files of a revision that somebody else wrote, and nothing else of it: what engine commands may be given.
# Usage: ci/take.sh REVISION FOLDER TARGET: FOLDER of REVISION becomes TARGET/FOLDER; TARGET must not exist.
# Taken are regular files *.yaml, *.yml, *.pub and *.pem, and no Pulumi.*; links, programs and all else are named and left.
# Exit status: 0 taken, 1 not to be had.
set -u
usage='usage: ci/take.sh REVISION FOLDER TARGET'
revision=${1:?$usage}
folder=${2:?$usage}
target=${3:?$usage}
case $folder in /* | .. | ../* | */.. | */../* | :*) echo "ci/take.sh: FOLDER is a path inside the repository, not $folder" >&2; exit 1 ;; esac
list=$(mktemp) || exit 1
trap 'rm -f "$list"' EXIT
git -c core.quotePath=false ls-tree -r --end-of-options "$revision" -- "$folder" >"$list" || exit 1
mkdir "$target" || exit 1
while IFS='	' read -r about path; do
  kind=${about%% *}
  case $kind/${path##*/} in
    */Pulumi.*) continue ;;
    100*.yaml | 100*.yml | 100*.pub | 100*.pem) ;;
    *) printf 'ci/take.sh: left: %s\n' "$path" >&2; continue ;;
  esac
  case $path in \"*) printf 'ci/take.sh: left: %s\n' "$path" >&2; continue ;; esac # git quotes what is no plain name
  mkdir -p "$target/$(dirname -- "$path")" && git cat-file blob "${about##* }" >"$target/$path" || exit 1
done <"$list"
