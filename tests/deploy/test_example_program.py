"""``examples/pulumi-program``: the program runs, and mail comes after the site that it depends on."""

from __future__ import annotations

import asyncio
import runpy
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

from tests.conftest import ROOT

PROGRAM = ROOT / "examples" / "pulumi-program"


class Recorder(mocks.Mocks):
    """The resources of a program, in the order in which they were registered."""

    def __init__(self) -> None:
        self.registered: list[mocks.MockResourceArgs] = []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.registered.append(args)
        return f"{args.name}-id", dict(args.inputs)

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        return {}


@pytest.mark.slow
def test_mail_comes_after_the_site_that_serves_its_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILWRIGHT_AS_OF", "2026-11-23")
    recorder = Recorder()
    asyncio.set_event_loop(asyncio.new_event_loop())
    mocks.set_mocks(recorder, project="company", stack="company", preview=False)
    pulumi.runtime.set_all_config({"company:cloudflareAccount": "0" * 32})

    @pulumi.runtime.test
    def program() -> None:
        runpy.run_path(str(PROGRAM / "__main__.py"), run_name="__main__")

    program()
    types = [mock_resource_args.typ for mock_resource_args in recorder.registered]
    site = types.index("cloudflare:index/pagesDomain:PagesDomain")
    mail = next(
        mock_resource_args
        for mock_resource_args in recorder.registered
        if mock_resource_args.typ == "mailwright:index:DnsRecords"
    )
    assert site < recorder.registered.index(mail)
    records = mail.inputs["records"]
    assert "pulumi-company-mta-sts.pages.dev." in str(records["mta-sts.pulumi-company.example. CNAME"])
    assert "v=STSv1" in str(records["_mta-sts.pulumi-company.example. TXT"])
    assert "5 mxbiz1.qq.com." in str(records["pulumi-company.example. MX"])
