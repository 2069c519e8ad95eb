# ruff: noqa: E501
"""Cards: every mail host's values as the catalog has them, in pages and profiles, and in a real browser."""

from __future__ import annotations

import datetime as dt
import html
import json
import plistlib
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import segno

from mailwright.catalog import load_services
from mailwright.catalog.programs import programs
from mailwright.cli import main
from mailwright.model.text import LANGS, Lang
from mailwright.plan.cards import Card, cards
from mailwright.plan.plan import plan
from mailwright.report.formats.profile import mobileconfig
from mailwright.report.page import signature
from mailwright.report.page.card import page
from mailwright.report.page.parts import e
from mailwright.spec.loading import parse
from tests.cards import sellers_year
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


PROGRAMS = tuple(programs())
#: Where a program's own sign-in page is known, by reading the sources of programs.yaml.
SIGN_IN = {
    ("outlook", "microsoft-365"), ("android", "microsoft-365"), ("android", "google-workspace"), ("apple-mail", "microsoft-365"), ("apple-mail", "google-workspace"),
    ("thunderbird", "microsoft-365"), ("thunderbird", "google-workspace"), ("thunderbird", "fastmail"),
}  # fmt: skip


def test_every_mail_host_times_every_program() -> None:
    """Each cell: typed values, the sign-in page, or why it does not work; and the page says so."""
    cells = 0
    for id, site, client in every():
        source = text(id, site, MORE.get(id, "") if site is None else "").replace(
            "send_as: [info]", f"send_as: [info], programs: [{', '.join(PROGRAMS)}]"
        )
        people = made(source)
        if not people:
            continue
        card = people[0]
        oauth = any(isinstance(entry, Mapping) and entry.get("auth") == "oauth2" for entry in client.values())
        forwards = load_services()[id].kind == "forwarding_host" or "forwards_only" in client
        reads, sends = "imap" in client and "smtp" in client, "smtp" in client
        by_id = {way.program.id: way for way in card.ways}
        shown = page(card, "en")
        for program in PROGRAMS:
            cells += 1
            way = by_id.get(program)
            if program == "webmail":
                assert way and way.works is not forwards, id
            elif not reads:
                assert (way is None) is not (forwards or sends), (id, program)
                assert way is None or not way.works
            else:
                assert way and way.works is (not oauth or (program, id) in SIGN_IN), (id, program)
                expected = "by_sign_in" if (program, id) in SIGN_IN else "by_password"
                if way.works:
                    filled = {"service": card.service, "program": way.program.names}
                    assert way.text("en") == getattr(way.program, expected).using(**filled)("en")
            if way:
                assert html.escape(way.text("en"), quote=True) in shown or e(way.text("en")) in shown
                assert "{" not in way.text("zh") and "{" not in way.text("en")
    assert cells >= 500


def test_the_password_is_named_with_the_place_where_it_is_made() -> None:
    shown = page(made(text("tencent-exmail"))[0], "zh")
    assert "客户端专用密码" in shown and "邮箱绑定" in shown and "hwimap.exmail.qq.com" in shown
    assert "收发信设置" in shown and "海外加速" in shown
    shown = page(made(text("netease-qiye", "hz"))[0], "zh")
    assert "imaphz.qiye.163.com" in shown and "hwhzsmtp.qiye.163.com" in shown and "生成授权密码" in shown
    assert "apppasswords" in page(made(text("google-workspace"))[0], "en")
    assert "三方客户端安全管理" in page(made(text("alibaba-mail", "sg"))[0], "zh")


def test_a_crm_by_password_at_an_oauth_host_is_said_first() -> None:
    source = text("microsoft-365", more=MORE["microsoft-365"]).replace("li: {", "li: {programs: [okki], ")
    shown = page(made(source)[1], "en")
    reason = "OKKI (Xiaoman)</strong>: Host, port and password do not work"
    assert shown.index(reason) < shown.index("What to type")
    assert "<dt>" not in shown and "takes OAuth only" in shown


def test_a_host_that_only_forwards_has_no_settings() -> None:
    """People at Cloudflare have no mailbox, so nobody has a card; a card of such a host would say why."""
    assert load_services()["cloudflare-email-routing"].client == {"forwards_only": True}
    for id in ("improvmx", "forward-email"):
        for card in made(text(id)):
            shown = page(card, "en")
            assert "only forwards mail" in shown and "What to type" not in shown and not mobileconfig(card)


def test_a_signature_has_name_title_company_and_phone_and_loads_nothing() -> None:
    source = (
        text("tencent-exmail")
        .replace("version: 1", "version: 1\ncompany: Acme <Trade> Co.")
        .replace("title: Sales Manager", 'title: Sales Manager, phone: "+86 (574) 8765-4321"')
    )
    card = made(source)[0]
    assert signature.plain(card).split("\n") == [
        "-- ", "老王 <b>", "Sales Manager", "Acme <Trade> Co.", "+86 (574) 8765-4321", "wang@acme-trade.com",
    ]  # fmt: skip
    markup = signature.markup(card)
    assert 'href="tel:+8657487654321"' in markup and "Acme &lt;Trade&gt; Co." in markup
    assert "src=" not in markup and "<b>" not in markup
    (broken,) = [
        f for f in parse(source.replace("+86 (574)", "0574").encode(), "a.yaml").findings if "phone" in f.path
    ]
    assert broken.severity.value == "error"


def test_a_qr_code_leads_to_the_profile_and_a_profile_is_signed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "acme.yaml"
    spec.write_text(text("tencent-exmail"), encoding="utf-8")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(
        [*openssl, "-subj", "/CN=Acme", "-passout", "pass:s3cret"], check=True, capture_output=True
    )
    signing = ["--sign-certificate", str(cert), "--sign-key", str(key)]
    out = ["-o", str(tmp_path / "out"), "--as-of", "2026-12-01"]
    assert main(["card", str(spec), *out, *signing]) == 1 and "PEM" in capfd.readouterr().err
    monkeypatch.setenv("MAILWRIGHT_PROFILE_PASSPHRASE", "s3cret")
    assert main(["card", str(spec), *out, *signing, "--url", "https://mail.acme-trade.com/cards/"]) == 0
    folder = tmp_path / "out" / "acme-trade.com"
    verify = ["openssl", "smime", "-verify", "-inform", "DER", "-CAfile", str(cert), "-purpose", "any"]
    process = subprocess.run(
        [*verify, "-in", str(folder / "wang.mobileconfig")], capture_output=True, check=False
    )
    assert process.returncode == 0, process.stderr
    assert plistlib.loads(process.stdout)["PayloadContent"][0]["EmailAddress"] == "wang@acme-trade.com"
    shown = (folder / "wang.html").read_text(encoding="utf-8")
    url = "https://mail.acme-trade.com/cards/acme-trade.com/wang.mobileconfig"
    assert url in shown and segno.make(url, error="m", micro=False).svg_inline(scale=4, border=2) in shown
    assert main(["card", str(spec), *out, "--sign-key", str(key)]) == 64
    assert all(b"s3cret" not in path.read_bytes() for path in folder.iterdir())


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


def test_what_nobody_should_open_any_more_is_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A leaver's page, and a profile that would lead a phone to the mail host of before; nothing else."""
    spec, out = tmp_path / "acme.yaml", tmp_path / "out"
    spec.write_text(text("tencent-exmail"), encoding="utf-8")
    words = ["card", str(spec), "-o", str(out), "--lang", "en", "--as-of"]
    assert main([*words, "2026-10-01"]) == 0
    folder = out / "acme-trade.com"
    (folder / "notes.html").write_text("mine")
    names = {f"{key}{end}" for key in ("wang", "li", "zhao") for end in (".html", ".mobileconfig")}
    assert {file.name for file in folder.iterdir()} == names | {"notes.html"}
    assert main([*words, "2026-12-01"]) == 0 and "Removed: " in capsys.readouterr().out
    assert {file.name for file in folder.iterdir()} == names - {"zhao.html", "zhao.mobileconfig"} | {
        "notes.html"
    }
    spec.write_text(text("microsoft-365", more=MORE["microsoft-365"]), encoding="utf-8")
    assert main([*words, "2026-12-01"]) == 0
    assert {file.name for file in folder.iterdir()} == {"wang.html", "li.html", "notes.html"}


def test_a_page_asks_nobody_else() -> None:
    shown = page(
        made(text("microsoft-365", more=MORE["microsoft-365"]))[0], "en", profile="wang.mobileconfig"
    )
    assert (
        not re.search(r"(?:src|href)=\"(?!data:,|wang\.mobileconfig|mailto:wang@|tel:)", shown)
        and "<script" not in shown
    )


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


@pytest.mark.parametrize("lang", LANGS)
def test_a_sellers_year_is_what_the_commands_say(lang: Lang, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start, phone and CRM, holiday, a bounce, leaving; written again by ``python -m tests.cards.sellers_year``."""
    monkeypatch.delenv("MAILWRIGHT_SPECS", raising=False)
    shown = sellers_year.document(lang)
    assert shown == sellers_year.FILES[lang].read_text(encoding="utf-8")
    assert "Traceback" not in shown and "hwimap.exmail.qq.com" in shown and "5.7.26" in shown
