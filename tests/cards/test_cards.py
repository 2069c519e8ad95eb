# ruff: noqa: E501
"""Cards: every mail host's values as the catalog has them, in pages and profiles, and in a real browser."""

from __future__ import annotations

import datetime as dt
import html
import json
import plistlib
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from mailwright.catalog import load_services
from mailwright.cli import main
from mailwright.model.text import LANGS
from mailwright.plan.cards import Card, cards
from mailwright.plan.plan import plan
from mailwright.report.page.card import mobileconfig, page
from mailwright.spec.loading import parse
from tests.page.test_page import _run

HOSTS = sorted(
    id for id, service in load_services().items() if service.kind in ("mail_host", "forwarding_host")
)
DAY = dt.date(2026, 12, 1)
#: What a host asks for beside its name.
MORE = {"microsoft-365": ", site: world, mx_token: acmetrade-com0i"}
PEOPLE = """people:
  wang: {name: "老王 <b>", title: Sales Manager, send_as: [info]}
  li: {name: 小李}
  zhao: {name: 小赵, left: 2026-10-31, handover: {to: li, until: 2027-04-30}}
addresses:
  info: {to: [wang, li]}
"""


def text(service: str, site: str | None = None, more: str = "") -> str:
    at = f", site: {site}" if site else ""
    return (
        f"version: 1\ndomain: acme-trade.com\ntimezone: Asia/Shanghai\nmail_host: {{service: {service}{at}{more}}}\n"
        f"dns_hosts: [{{service: manual, console: aliyun}}]\ncontact: wang@acme-trade.com\n{PEOPLE}"
    )


def made(source: str) -> list[Card]:
    spec = parse(source.encode(), "acme.yaml").spec
    return list(cards(spec, plan(spec, DAY).mailboxes)) if spec else []


def every() -> list[tuple[str, str | None, Mapping[str, object]]]:
    listed = []
    for id in HOSTS:
        known = load_services()[id]
        for site in [each.id for each in known.sites] or [None]:
            listed.append((id, site, known.client_at(site)))
    return listed


def test_every_mail_hosts_card_has_the_catalogs_values() -> None:
    tried = 0
    for id, site, client in every():
        found = made(text(id, site))
        if not found:
            continue  # this host wants more in its spec than a table can write
        tried += 1
        assert [each.key for each in found] == ["wang", "li"], id
        card = found[0]
        entries = {
            kind: each for kind in ("imap", "pop3", "smtp") if isinstance(each := client.get(kind), Mapping)
        }
        said = {server.kind: (server.host, server.port, server.socket) for server in card.servers}
        expected = {
            kind: (each["host"], int(str(each["port"])), "SSL" if each["tls"] == "implicit" else "STARTTLS")
            for kind, each in entries.items()
        }
        if "smtp" in entries:
            assert said == expected, (id, site)
        for lang in LANGS:
            shown = page(card, lang)
            assert all(host in shown and str(port) in shown for host, port, _ in said.values())
            assert said or 'class="warn"' in shown, (id, site)
        profile = mobileconfig(card)
        oauth = any(entry.get("auth") == "oauth2" for entry in entries.values())
        assert (profile is not None) == bool("imap" in said and "smtp" in said and not oauth), (id, site)
    assert tried >= 40


def test_a_profile_is_read_back_and_has_no_password() -> None:
    (card, _) = made(text("tencent-exmail"))
    octets = mobileconfig(card)
    assert octets and octets == mobileconfig(card)
    profile = plistlib.loads(octets)
    (account,) = profile["PayloadContent"]
    assert profile["PayloadType"] == "Configuration" and account["PayloadType"] == "com.apple.mail.managed"
    assert (account["IncomingMailServerHostName"], account["IncomingMailServerPortNumber"]) == (
        "imap.exmail.qq.com",
        993,
    )
    assert (account["OutgoingMailServerHostName"], account["OutgoingMailServerPortNumber"]) == (
        "smtp.exmail.qq.com",
        465,
    )
    assert account["IncomingMailServerUsername"] == account["EmailAddress"] == "wang@acme-trade.com"
    assert not [
        key for key in account if key.endswith("Password") and key != "OutgoingPasswordSameAsIncomingPassword"
    ]


def test_what_does_not_work_is_said_before_anybody_tries() -> None:
    def warned(service: str) -> str:
        return page(made(text(service, more=MORE.get(service, "")))[0], "en")

    assert "takes OAuth only" in warned("microsoft-365") and "client-specific password" not in warned(
        "microsoft-365"
    )
    assert "no public IMAP server" in warned("proton-mail")
    assert 'class="warn"' not in warned("tencent-exmail") and "client-specific password" in warned(
        "tencent-exmail"
    )
    assert "Choose IMAP, not POP3" in warned("tencent-exmail")


def test_a_card_names_what_the_person_gets_and_may_send_as() -> None:
    wang, li = made(text("tencent-exmail"))
    assert wang.sends_as == ("info@acme-trade.com",) and "info@acme-trade.com" in wang.gets
    assert {"info@acme-trade.com", "zhao@acme-trade.com"} <= set(li.gets)
    shown = page(wang, "zh")
    assert "-- \n老王 &lt;b&gt;\nSales Manager\nacme-trade.com\nwang@acme-trade.com</pre>" in shown
    assert "老王 &lt;b&gt;" in shown and "<b>" not in shown and "Sales Manager" in shown


def test_the_command_writes_the_whole_company_or_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "acme.yaml"
    spec.write_text(text("tencent-exmail"), encoding="utf-8")
    assert main(["card", str(spec), "-o", str(tmp_path / "all"), "--as-of", "2026-12-01"]) == 0
    folder = tmp_path / "all" / "acme-trade.com"
    assert sorted(path.name for path in folder.iterdir()) == [
        "li.html",
        "li.mobileconfig",
        "wang.html",
        "wang.mobileconfig",
    ]
    assert main(["card", str(spec), "li", "-o", str(tmp_path / "one"), "--as-of", "2026-12-01"]) == 0
    assert len(list((tmp_path / "one").rglob("*.html"))) == 1
    capsys.readouterr()
    assert (
        main(
            ["card", str(spec), "zhao", "-o", str(tmp_path / "none"), "--as-of", "2026-12-01", "--lang", "zh"]
        )
        == 1
    )
    assert "zhao 在 acme-trade.com 没有邮箱" in capsys.readouterr().err


def test_a_page_asks_nobody_else() -> None:
    shown = page(
        made(text("microsoft-365", more=MORE["microsoft-365"]))[0], "en", profile="wang.mobileconfig"
    )
    assert not re.search(r"(?:src|href)=\"(?!data:,|wang\.mobileconfig)", shown) and "<script" not in shown


FRAME = """<!DOCTYPE html><iframe id=f width=%d height=800 src="card.html"></iframe><pre id=out></pre><script>
f.onload = () => { const d = f.contentDocument, r = d.documentElement;
  const wide = [...d.querySelectorAll("body *")].filter(e => !e.closest(".unseen,thead") && e.getBoundingClientRect().right > r.clientWidth + 0.5);
  out.textContent = "SEEN" + JSON.stringify([r.clientWidth, r.scrollWidth, wide.map(e => e.outerHTML.slice(0, 90))]) + "END"; }
</script>"""


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("width", [360, 1200])
def test_in_a_real_browser_nothing_is_wider_than_the_screen(lang: str, width: int, tmp_path: Path) -> None:
    (tmp_path / "card.html").write_text(
        page(
            made(text("netease-qiye", "hz"))[0]
            if made(text("netease-qiye", "hz"))
            else made(text("tencent-exmail"))[0],
            lang,
        ),
        encoding="utf-8",
    )
    (tmp_path / "frame.html").write_text(FRAME % width)
    done = _run(
        tmp_path / "p", "--allow-file-access-from-files", "--dump-dom", (tmp_path / "frame.html").as_uri()
    )
    match = re.search(r"SEEN(.*)END</pre>", done.stdout, re.S)
    assert match and "CONSOLE" not in done.stderr
    seen, scroll, wide = json.loads(html.unescape(match[1]))
    assert not wide and scroll <= seen <= width
