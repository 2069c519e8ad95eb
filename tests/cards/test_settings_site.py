"""The files for mail programs, from a real nginx, asked as Thunderbird and Outlook ask; the Worker runs."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailwright.plan.records.settings import settings
from mailwright.report.formats.settings_site import Site, site
from mailwright.standards import autoconfig, autodiscover
from tests.cli.test_commands import mailwright
from tests.page.test_page import _run
from tests.plan.specs import CONTACT, HEAD, spec_of

OUTLOOK = """<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request>
<EMailAddress>wang@acme-trade.com</EMailAddress><AcceptableResponseSchema>
http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>
</Request></Autodiscover>"""
V2 = "/autodiscover/autodiscover.json/v1.0/wang@acme-trade.com?Protocol={}&RedirectCount=1"
URL = "https://autodiscover.acme-trade.com/autodiscover/autodiscover.xml"


def of(host: str, more: str = "", srv: str = "") -> Site:
    known = settings(spec_of(f"mail_host: {{{host}}}\n" + CONTACT + more))
    assert known
    return site(known, srv)


@contextmanager
def nginx(folder: Path, setup: str) -> Iterator[tuple[int, Path]]:
    """A real one on loopback with the set-up as it is copied, but for port, root and certificate."""
    command = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if command is None:
        if os.environ.get("MAILWRIGHT_REQUIRE_SERVERS") == "1":
            pytest.fail("nginx is not installed (Debian package nginx-light)")
        pytest.skip("nginx is not installed (Debian package nginx-light)")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "2"]
    names = "subjectAltName=DNS:autoconfig.acme-trade.com,DNS:autodiscover.acme-trade.com"
    subprocess.run(
        [*request, "-addext", names, "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for old, new in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/acme-trade.com/fullchain.pem", str(certificate)),
        ("/etc/ssl/acme-trade.com/privkey.pem", str(key)),
        ("/var/www/acme-trade.com", str(folder / "public" / "acme-trade.com")),
    ):
        assert setup.count(old) == 1, old
        setup = setup.replace(old, new)
    own = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = (
        "user root;\n" if os.geteuid() == 0 else ""
    )  # its workers read pytest's folder, which is ours alone
    head = f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{ }}\n"
    (folder / "nginx.conf").write_text(f"{head}http {{\naccess_log off;\n{own}{setup}}}\n", encoding="utf-8")
    process = subprocess.Popen([command, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", "stderr"])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, (folder / "error.log").read_text()
            time.sleep(0.05)
        yield port, certificate
    finally:
        process.terminate()
        process.wait(10)


def ask(
    port: int, certificate: Path, host: str, method: str, path: str, body: str = ""
) -> tuple[int, str, str]:
    """Over TLS that proves ``host``: status, content type, body."""
    connection = http.client.HTTPSConnection(
        host, context=ssl.create_default_context(cafile=str(certificate))
    )
    raw = socket.create_connection(("127.0.0.1", port), timeout=10)
    context = ssl.create_default_context(cafile=str(certificate))
    connection.sock = context.wrap_socket(raw, server_hostname=host)
    connection.request(method, path, body or None, {"Content-Type": "text/xml"} if body else {})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, response.headers.get("content-type", ""), text


def test_a_real_nginx_answers_thunderbird_and_outlook(tmp_path: Path) -> None:
    spec = tmp_path / "acme.yaml"
    spec.write_text(HEAD + "mail_host: {service: tencent-exmail}\n" + CONTACT)
    process = mailwright("autoconfig", str(spec), "--out", str(tmp_path / "public"), "--lang", "en")
    assert process.returncode == 0, process.stderr
    setup = (tmp_path / "public" / "setup" / "acme-trade.com" / "nginx.conf").read_text(encoding="utf-8")
    with nginx(tmp_path, setup) as (port, certificate):

        def asked(host: str, method: str, path: str, body: str = "") -> tuple[int, str, str]:
            return ask(port, certificate, f"{host}.acme-trade.com", method, path, body)

        for path in (autoconfig.PATH, autoconfig.WELL_KNOWN):
            status, kind, text = asked("autoconfig", "GET", f"/{path}?emailaddress=wang%40acme-trade.com")
            assert (status, kind) == (200, "text/xml; charset=utf-8")
            assert autoconfig.parse(text).incoming[0].host == "imap.exmail.qq.com"
        for path in (
            "/autodiscover/autodiscover.xml",
            "/Autodiscover/Autodiscover.xml",
            "/AutoDiscover/AutoDiscover.xml",
        ):
            status, kind, text = asked("autodiscover", "POST", path, OUTLOOK)
            assert (status, kind) == (200, "text/xml; charset=utf-8"), path
            assert [(s.kind, s.host, s.port, s.socket) for s in autodiscover.parse(text)] == [
                ("imap", "imap.exmail.qq.com", 993, "SSL"),
                ("pop3", "pop.exmail.qq.com", 995, "SSL"),
                ("smtp", "smtp.exmail.qq.com", 465, "SSL"),
            ]
        for protocol in ("AutodiscoverV1", "Autodiscoverv1"):
            for path in (
                V2.format(protocol),
                f"/autodiscover/autodiscover.json?Email=a%40b&Protocol={protocol}",
            ):
                status, kind, text = asked("autodiscover", "GET", path)
                assert status == 200 and kind.startswith("application/json")
                assert json.loads(text) == {"Protocol": "AutodiscoverV1", "Url": URL}
        status, _, text = asked("autodiscover", "GET", V2.format("ActiveSync"))
        assert status == 400 and json.loads(text)["ErrorCode"] == "ProtocolNotSupported"
        assert asked("autodiscover", "GET", "/")[0] == asked("autoconfig", "GET", "/setup/")[0] == 404


@pytest.mark.slow
def test_the_worker_runs_and_gives_the_whole_address_as_login_name(tmp_path: Path) -> None:
    worker = of("service: tencent-exmail").setups["worker.js"]
    asked = [
        ("GET", "/mail/config-v1.1.xml", None), ("POST", "/AutoDiscover/AutoDiscover.xml", OUTLOOK),
        ("POST", "/autodiscover/autodiscover.xml", OUTLOOK.replace("wang@acme", "wang@evil")),
        ("POST", "/autodiscover/autodiscover.xml", OUTLOOK.replace("wang@", "w&lt;x&gt;@")),
        ("GET", V2.format("Autodiscoverv1"), None), ("GET", V2.format("Rest"), None), ("GET", "/", None),
    ]  # fmt: skip
    module = base64.b64encode(worker.encode("ascii")).decode()
    (tmp_path / "page.html").write_text(f"""<!DOCTYPE html><pre id=out></pre><script type=module>
const worker = (await import("data:text/javascript;base64,{module}")).default, answers = [];
for (const [method, path, body] of {json.dumps(asked)}) {{
  const request = new Request("https://autodiscover.acme-trade.com" + path, {{ method, body }});
  const response = await worker.fetch(request);
  answers.push([response.status, await response.text()]); }}
out.textContent = "SEEN" + btoa(unescape(encodeURIComponent(JSON.stringify(answers)))) + "END";</script>""")
    process = _run(
        tmp_path / "profile", "--virtual-time-budget=5000", "--dump-dom", (tmp_path / "page.html").as_uri()
    )
    match = re.search(r"SEEN(.*)END</pre>", process.stdout, re.S)
    assert match, process.stderr[-2000:]
    settings_file, answer, foreign, hostile, v2, refused, nothing = json.loads(base64.b64decode(match[1]))
    assert settings_file[0] == 200 and autoconfig.parse(settings_file[1]).domain == "acme-trade.com"
    assert {server.username for server in autodiscover.parse(answer[1])} == {"wang@acme-trade.com"}
    for _, text in (foreign, hostile):
        assert "LoginName" not in text and len(autodiscover.parse(text)) == 3
    assert json.loads(v2[1])["Url"] == URL and refused[0] == 400 and nothing[0] == 404


def test_no_password_and_no_token_host_is_in_outlooks_file() -> None:
    """Microsoft's own record answers Outlook; v1 has no word for OAuth."""
    assert set(of("service: microsoft-365, mx_token: acmetrade-com0i").files) == {
        autoconfig.PATH,
        autoconfig.WELL_KNOWN,
    }
    own = "clients: {imaps: mx.acme-trade.com, submission: mx.acme-trade.com}\n"
    mine = of('service: self-hosted, mx: ["10 mx.acme-trade.com"]', own, "Mail.acme-trade.com.")
    assert [(s.port, s.socket) for s in autodiscover.parse(mine.files[autodiscover.XML_PATH])] == [
        (993, "SSL"),
        (587, "STARTTLS"),
    ]
    assert "https://mail.acme-trade.com/" in mine.files[autodiscover.JSON_PATH]
    assert "autodiscover.acme-trade.com mail.acme-trade.com;" in mine.setups["nginx.conf"]
    assert all("assword" not in text.replace(autoconfig.PASSWORD, "") for text in mine.files.values())
    for name in ("Caddyfile", "nginx.conf"):
        assert mine.setups[name].count("{") == mine.setups[name].count("}")
