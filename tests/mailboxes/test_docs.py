"""What the documentation shows is what the program takes."""

from __future__ import annotations

import re

import pytest

from mailwright.model.finding import has_errors
from mailwright.report.docs.capabilities import markdown
from tests.conftest import ROOT
from tests.mailboxes import dovecot_conf as conf
from tests.mailboxes.specs import HEAD, planned


@pytest.mark.parametrize("page", ["mailboxes.md", "mailboxes.zh-CN.md"])
def test_the_spec_of_the_page_is_clean(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    block, alias, _, both, archive, expect, ways, own = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert not has_errors(planned(block, head=HEAD).findings, strict=True)
    assert not has_errors(planned(block + alias, head=HEAD).findings)
    with_two = re.sub(r"mail_host:.*\n", "", HEAD)
    assert not has_errors(planned(both, head=with_two).findings, strict=True)
    sender = "senders: [{service: mailchimp, from: news@news.acme-trade.com}]\n"
    whole = block.partition("expect:")[0] + sender + expect
    assert not has_errors(planned(whole, head=HEAD).findings, strict=True)
    records = block.replace("addresses:\n", "addresses:\n  records: {to: wang, shared: true}\n")
    assert not has_errors(planned(records + archive, head=HEAD).findings, strict=True)
    for host in (ways, own):
        deployed = re.sub(r"mail_host:.*\n", host, HEAD)
        assert not has_errors(planned(block, head=deployed).findings, strict=True)


@pytest.mark.parametrize(("page", "lang"), [("mail-hosts.md", "en"), ("mail-hosts.zh-CN.md", "zh")])
def test_the_table_of_mail_hosts_is_the_catalogs(page: str, lang: str) -> None:
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == markdown("zh" if lang == "zh" else "en")


@pytest.mark.parametrize("name", ["mailboxes.md", "mailboxes.zh-CN.md"])
@pytest.mark.parametrize("version", [0, 1])
def test_the_settings_of_dovecot_are_those_that_the_tests_run_with(name: str, version: int) -> None:
    page = {_plain(line) for line in (ROOT / "docs" / name).read_text(encoding="utf-8").splitlines()}
    parts = (conf.SIEVE, conf.SHARING) if version else (conf.SHARING,)  # 2.3 has sieve on one line
    for part in parts:
        wanted = (
            part[version].format(folder="/etc/mailwright/DOMAIN") if "{{" in part[version] else part[version]
        )
        missing = {_plain(line) for line in wanted.splitlines()} - page - {"mail_plugins = acl"}
        assert not missing


def _plain(line: str) -> str:
    return line.partition("#")[0].strip()
