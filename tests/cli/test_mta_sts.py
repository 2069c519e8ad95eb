"""``mailwright mta-sts``: what is written is the policy that the planned record stands for."""

from __future__ import annotations

import json
from pathlib import Path

from mailwright.standards import mta_sts
from tests.cli.test_commands import mailwright
from tests.plan.specs import CONTACT, EXMAIL, HEAD


def spec(folder: Path, more: str = "mta_sts: {mode: enforce}\n") -> Path:
    path = folder / "acme.yaml"
    path.write_text(HEAD + EXMAIL + CONTACT + more)
    return path


def test_the_files_are_the_policy_of_the_planned_record(tmp_path: Path) -> None:
    path = spec(tmp_path)
    done = mailwright("mta-sts", str(path), "--out", str(tmp_path / "public"))
    assert done.returncode == 0 and "https://mta-sts.acme-trade.com/.well-known/mta-sts.txt" in done.stdout
    served = (tmp_path / "public/acme-trade.com/.well-known/mta-sts.txt").read_bytes().decode()
    plans = json.loads(mailwright("plan", str(path), "--format", "json").stdout)
    body = plans[0] if isinstance(plans, list) else plans
    (record,) = [each for each in body["records"] if each["name"] == "_mta-sts.acme-trade.com."]
    assert mta_sts.parse_record(record["values"][0]) == mta_sts.policy_id(mta_sts.parse_policy(served))
    assert mta_sts.parse_policy(served).mode == "enforce"


def test_a_worker_carries_the_policy_and_a_spec_without_one_says_so(tmp_path: Path) -> None:
    path = spec(tmp_path)
    shown = mailwright("mta-sts", str(path), "--worker")
    assert shown.returncode == 0 and "export default" in shown.stdout and "mx: mxbiz1.qq.com" in shown.stdout
    without = mailwright("mta-sts", str(spec(tmp_path, "")))
    assert without.returncode == 1 and "mta_sts:" in without.stderr and not without.stdout
