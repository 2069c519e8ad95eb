#!/bin/sh
# On a schedule: has the world drifted? Usage: ci/drift.sh SPEC-OR-FOLDER [OUTPUT-FOLDER] [OPTIONS OF drift…]
# Exit status: 0 no drift, 2 drift or something is due, 1 could not tell. Asks no engine, needs no credentials.
# drift.md is the text of an issue: also of what kept it from telling.
set -u
PYTHONSAFEPATH=1; export PYTHONSAFEPATH # no module of the repository runs, however $MAILWRIGHT calls Python
specs=${1:?usage: ci/drift.sh SPEC-OR-FOLDER [OUTPUT-FOLDER] [OPTIONS]}
shift
out=mailwright-reports
if [ $# -gt 0 ]; then out=$1; shift; fi
mailwright=${MAILWRIGHT:-mailwright}
mkdir -p "$out" || exit 1
# A repository may hold links where the reports go.
(CDPATH= cd -P . && CDPATH= cd -L "$out" && [ "$(pwd -L)" = "$(pwd -P)" ]) || { echo "ci/drift.sh: $out is a link, or below one" >&2; exit 1; }
rm -rf "$out/drift.md"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
status=0
$mailwright drift "$specs" --dns-only --format markdown "$@" >"$out/drift.md" 2>"$work/why" || status=$?
if [ -s "$work/why" ]; then
  cat "$work/why" >&2
  { echo; echo "~~~text"; sed 's/~~~//g' "$work/why"; echo "~~~"; } >>"$out/drift.md"
fi
cat "$out/drift.md"
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$out/drift.md" >>"$GITHUB_STEP_SUMMARY"
exit "$status"
