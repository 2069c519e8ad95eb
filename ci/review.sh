#!/bin/sh
# A pull request: validate, and write what the specs ask for. Usage: ci/review.sh SPEC-OR-FOLDER [OUTPUT-FOLDER]
# BASE=SPEC-OR-FOLDER is the version before: then the review says what changes for mail, and what needs consent.
# Ends with the status of `check --strict`; the reports are written in any case.
set -u
specs=${1:?usage: ci/review.sh SPEC-OR-FOLDER [OUTPUT-FOLDER]}
out=${2:-mailwright-reports}
mailwright=${MAILWRIGHT:-mailwright}
mkdir -p "$out" || exit 1
status=0
$mailwright check "$specs" --strict || status=$?
[ -z "${GITHUB_ACTIONS:-}" ] || $mailwright check "$specs" --format github || :
$mailwright check "$specs" --format sarif >"$out/check.sarif" || :
$mailwright check "$specs" --strict --format junit >"$out/check.junit.xml" || :
{
  $mailwright check "$specs" --format markdown || :
  echo
  [ -z "${BASE:-}" ] || { $mailwright plan "$specs" --against "$BASE" --format markdown && echo; } || :
  $mailwright plan "$specs" --format markdown || :
} >"$out/review.md" 2>&1
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$out/review.md" >>"$GITHUB_STEP_SUMMARY"
exit "$status"
