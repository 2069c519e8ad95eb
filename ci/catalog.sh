#!/bin/sh
# Once a week, for whoever keeps the catalog: is it still true? Usage: ci/catalog.sh [OUTPUT-FOLDER] [OPTIONS OF compare --dns…]
# Clones what it is compared with, asks the living DNS, and leaves catalog.md (the text of an issue) and catalog.patch (measured costs).
# Exit status: 0 true, 2 differences or values too old, 1 could not tell.
set -u
out=mailwright-reports
if [ $# -gt 0 ]; then out=$1; shift; fi
mailwright=${MAILWRIGHT:-mailwright}
known=${CATALOG_KNOWN:-ci/catalog-known.txt}
mkdir -p "$out" || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
for each in ${CATALOG_CLONES:-https://github.com/Domain-Connect/Templates.git https://github.com/thunderbird/autoconfig.git}; do
  git clone --quiet --depth 1 "$each" "$work/clones/$(basename "$each" .git)" || exit 1
done
worst=0
note() { # a later, worse status wins: 1 (could not tell) before 2 (differs)
  if [ "$1" = 1 ] || { [ "$1" != 0 ] && [ "$worst" = 0 ]; }; then worst=$1; fi
}
{
  echo "## Too old"; echo "~~~text"
  $mailwright catalog check --lang en 2>&1 || note 2
  echo "~~~"; echo "## Others' collections"; echo "~~~text"
  $mailwright catalog compare --snapshot "$work/clones" --known "$known" --lang en 2>&1; note $?
  echo "~~~"; echo "## Living DNS"; echo "~~~text"
  $mailwright catalog compare --dns --lang en "$@" 2>&1 >"$out/catalog.patch"; note $?
  echo "~~~"
} >"$out/catalog.md"
cat "$out/catalog.md"
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$out/catalog.md" >>"$GITHUB_STEP_SUMMARY"
exit "$worst"
