#!/bin/sh
# A pull request: validate, and write what the specs ask for. Usage: ci/review.sh SPEC-OR-FOLDER [OUTPUT-FOLDER]
# BASE=SPEC-OR-FOLDER is the version before: then the review begins with what changes for mail and what needs consent.
# BASE_REV=REVISION takes that version out of git, and fetches it where a shallow clone lacks it.
# Ends with the status of `check --strict`, or 1 where a part of the review could not be made; the reports are
# written in any case. Specs that had errors before are told and do not fail the review that may repair them.
set -u
PYTHONSAFEPATH=1; export PYTHONSAFEPATH # no module of the repository runs, however $MAILWRIGHT calls Python
specs=${1:?usage: ci/review.sh SPEC-OR-FOLDER [OUTPUT-FOLDER]}
out=${2:-mailwright-reports}
mailwright=${MAILWRIGHT:-mailwright}
mkdir -p "$out" || exit 1
# A repository may hold links where the reports go.
(CDPATH= cd -P . && CDPATH= cd -L "$out" && [ "$(pwd -L)" = "$(pwd -P)" ]) || { echo "ci/review.sh: $out is a link, or below one" >&2; exit 1; }
rm -rf "$out/review.md" "$out/check.sarif" "$out/check.junit.xml"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
status=0

fail() {
  printf 'ci/review.sh: %s\n' "$1" | tee -a "$work/failed" >&2
  [ "$status" -ne 0 ] || status=1
}

before() { # the specs of $BASE_REV, as $work/before/$specs
  case $specs in /*) fail "BASE_REV: name the specs by a path below this folder, not $specs"; return ;; esac
  revision=$BASE_REV
  if ! git rev-parse --quiet --verify "$revision^{commit}" >"$work/why" 2>&1; then
    git fetch --quiet --depth=1 origin "${revision#origin/}" 2>"$work/why" || {
      cat "$work/why" >&2
      fail "git has no revision $BASE_REV: what changes for mail is not known"
      return
    }
    revision=FETCH_HEAD
  fi
  mkdir -p "$work/before/$specs.none"
  BASE="$work/before/$specs.none" # nothing stood there: all is new
  git cat-file -e "$revision:./$specs" 2>"$work/why" || return 0
  if git archive "$revision" -- "$specs" >"$work/before.tar" && tar -xf "$work/before.tar" -C "$work/before"; then
    BASE="$work/before/$specs"
  else
    BASE=
    fail "the specs of $BASE_REV cannot be read: what changes for mail is not known"
  fi
}

part() { # one part of the review; what it says on the way is kept
  code=0
  "$@" >"$work/part" 2>"$work/why" || code=$?
  cat "$work/part"
  [ ! -s "$work/why" ] || { cat "$work/why" >&2; echo "~~~text"; sed 's/~~~//g' "$work/why"; echo "~~~"; }
  echo
  return "$code"
}

[ -n "${BASE:-}" ] || [ -z "${BASE_REV:-}" ] || before
$mailwright check "$specs" --strict || status=$?
[ -z "${GITHUB_ACTIONS:-}" ] || $mailwright check "$specs" --format github || :
$mailwright check "$specs" --format sarif >"$out/check.sarif" 2>"$work/why" || :
$mailwright check "$specs" --strict --format junit >"$out/check.junit.xml" 2>"$work/why" || :
for each in "$out/check.sarif" "$out/check.junit.xml"; do [ -s "$each" ] || rm -f "$each"; done
now=$specs
if [ -n "${BASE:-}" ] && [ ! -e "$specs" ]; then mkdir "$work/none" && now=$work/none; fi # all was taken away
errors=0
$mailwright check "$specs" >"$work/why" 2>&1 || errors=$? # without the warnings
{
  if [ -n "${BASE:-}" ] && [ "$errors" -ne 1 ]; then
    compared=0
    part $mailwright plan "$now" --against "$BASE" --format markdown || compared=$?
    [ "$compared" -le 1 ] || fail "what changes beside $BASE could not be told"
  fi
  part $mailwright check "$specs" --format markdown || :
  if [ "$errors" -eq 0 ]; then part $mailwright plan "$specs" --format markdown || fail "no plan could be made"; fi
  [ ! -s "$work/failed" ] || { echo; sed 's/^/❌ /' "$work/failed"; }
} >"$out/review.md"
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$out/review.md" >>"$GITHUB_STEP_SUMMARY"
exit "$status"
