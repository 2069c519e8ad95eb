#!/bin/sh
# After a merge: deploy, then ask until the world has followed.
# Usage: ci/apply.sh SPEC-OR-FOLDER [OUTPUT-FOLDER] [OPTIONS OF verify…]; WAIT=2h waits for another time than 1h.
# Exit status: that of `up` where it is neither 0 nor 2 (3: refused for safety, nothing was changed), else that of
# `verify`, which waits for what somebody enters by hand (2) too.
# Credentials are environment: see docs/dns-hosts. Keep .mailwright or PULUMI_BACKEND_URL between runs.
set -u
PYTHONSAFEPATH=1; export PYTHONSAFEPATH # no module of the repository runs, however $MAILWRIGHT calls Python
specs=${1:?usage: ci/apply.sh SPEC-OR-FOLDER [OUTPUT-FOLDER] [OPTIONS]}
shift
out=mailwright-reports
if [ $# -gt 0 ]; then out=$1; shift; fi
mailwright=${MAILWRIGHT:-mailwright}
mkdir -p "$out" || exit 1
# A repository may hold links where the reports go.
(CDPATH= cd -P . && CDPATH= cd -L "$out" && [ "$(pwd -L)" = "$(pwd -P)" ]) || { echo "ci/apply.sh: $out is a link, or below one" >&2; exit 1; }
rm -rf "$out/verify.md"
done=0
$mailwright up "$specs" || done=$?
case $done in 0 | 2) ;; *) exit "$done" ;; esac
# Old values that stay for a while are known to verify by the state, and nothing to wait for.
status=0
$mailwright verify "$specs" --format markdown "$@" >"$out/verify.md" || status=$?
if [ "$status" -ne 0 ]; then
  status=0
  $mailwright verify "$specs" "--wait=${WAIT:-1h}" --format markdown "$@" >"$out/verify.md" || status=$?
fi
cat "$out/verify.md"
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$out/verify.md" >>"$GITHUB_STEP_SUMMARY"
exit "$status"
