"""Reports of the large receivers, and files that are meant to harm: read, refused, kept once."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import random
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mailwright.cli import main
from mailwright.operations.dmarc.parsing import parse
from mailwright.operations.dmarc.reports import Aggregate, ReportError
from mailwright.operations.dmarc.unpacking import MOST_UNPACKED, unpack
from tests.dmarc.samples import (
    DOMAIN,
    FORWARDED,
    GOOD,
    RECEIVERS,
    SPOOF,
    Mail,
    failure,
    google,
    gzipped,
    mailed,
    tls,
    zipped,
)

TODAY = dt.datetime.now(dt.UTC).date()
DAY = TODAY - dt.timedelta(days=3)
NOW = dt.datetime.now(dt.UTC)
#: Files of the fuzzer; MAILWRIGHT_FUZZ=N tries N of them.
FUZZED = int(os.environ.get("MAILWRIGHT_FUZZ", "400"))


def one(data: bytes) -> Aggregate:
    (text,) = unpack(data)
    report = parse(text, NOW)
    assert isinstance(report, Aggregate)
    return report


@pytest.mark.parametrize("name", RECEIVERS)
def test_each_large_receiver_is_read_alike_whatever_its_form_and_wrapping(name: str) -> None:
    make, encoding = RECEIVERS[name]
    data = make(DAY, [GOOD, FORWARDED, SPOOF]).encode(encoding)
    wrapped = [
        data,
        zipped(data),
        gzipped(data),
        mailed(gzipped(data), "a.xml.gz"),
        mailed(zipped(data), "a"),
    ]
    reports = [one(octets) for octets in wrapped]
    assert all(report == reports[0] for report in reports)
    good, forwarded, spoof = reports[0].rows
    assert (reports[0].domain, reports[0].begin.date() <= DAY <= reports[0].end.date()) == (DOMAIN, True)
    assert dict(reports[0].policy)["p"] == "none"
    assert (good.dkim, good.spf, good.messages, good.day) == (True, True, 10, DAY)
    assert ("s1", "pass") in {(key.selector, key.result) for key in good.signatures}
    assert not forwarded.dkim and not forwarded.spf and forwarded.reasons
    assert forwarded.signatures[0].result == "fail" and spoof.signatures == ()


def _refused(data: bytes) -> str:
    with pytest.raises(ReportError) as error:
        for text in unpack(data):
            parse(text, NOW)
    return error.value.reason("en")


def test_hostile_files_are_refused_before_they_cost_anything() -> None:
    plain = google(DAY, [GOOD])
    entities = '<!DOCTYPE feedback [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    head, body = plain.split("?>", 1)
    for doctype in (entities + "]>", '<!DOCTYPE f SYSTEM "file:///etc/passwd">', "<!DOCTYPE feedback>"):
        _refused((head + "?>" + doctype + body.replace("google.com", "&i;", 1)).encode())
        _refused((doctype + body).encode())
    assert "larger than" in _refused(gzipped(b"<" + b" " * (MOST_UNPACKED + 1)))
    assert "larger than" in _refused(zipped(b"<" + b" " * (MOST_UNPACKED + 1)))
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(30):
            archive.writestr(f"{number}.xml", plain)
    assert "more than 20 files" in _refused(many.getvalue())
    _refused(zipped(zipped(plain.encode())))
    _refused(gzipped(plain.encode())[:-20])
    assert "elements" in _refused(b"<a>" * 2_000_001)
    parts = b"".join(b"--b\n\n<feedback/>\n" for _ in range(300))
    assert "parts" in _refused(b"Content-Type: multipart/mixed; boundary=b\n\n" + parts + b"--b--\n")
    _refused(b"<feedback>" + b"<a>" * 50_000)
    _refused(b'{"organization-name": ' + b"[" * 50_000)
    _refused(b"")
    _refused(b"\x89PNG\r\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<end>", "<end>9999999"),
        ("<begin>", "<begin>-"),
        ("<begin>1", "<begin>0"),
        (f"<domain>{DOMAIN}</domain><adkim>", "<domain>../../etc</domain><adkim>"),
        (f"<domain>{DOMAIN}</domain><adkim>", "<domain>a b\x1b[2J</domain><adkim>"),
        ("<count>10<", "<count>-10<"),
        ("<count>10<", "<count>99999999999999<"),
        ("<source_ip>203.0.113.10<", "<source_ip>mail.example<"),
    ],
)
def test_impossible_values_are_no_report(old: str, new: str) -> None:
    text = google(DAY, [GOOD])
    assert old in text
    _refused(text.replace(old, new).encode())


def test_a_row_that_cannot_be_read_costs_itself_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = google(DAY, [GOOD, Mail(count=7)]).replace("<count>7<", "<count>seven<")
    assert [row.messages for row in one(text.encode()).rows] == [10]
    (tmp_path / "a.xml").write_text(text)
    assert (
        main(["dmarc", "report", str(tmp_path / "a.xml"), "--store", str(tmp_path / "s"), "--lang", "en"])
        == 0
    )
    assert "a.xml: 1 rows cannot be read" in capsys.readouterr().out


def test_reports_are_kept_once_and_of_our_domains_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "1.xml").write_text(google(DAY, [GOOD]))
    (folder / "2.eml").write_bytes(mailed(gzipped(google(DAY, [GOOD]).encode()), "x.gz"))
    (folder / "3.xml").write_text(google(DAY, [GOOD], domain="other.example"))
    (folder / "4.json.gz").write_bytes(gzipped(tls(DAY, 5, 2)))
    (folder / "5.eml").write_bytes(failure(DAY))
    (folder / "6.txt").write_text("<html>not a report</html>")
    (folder / ".hidden").write_text("x")
    (folder / "link").symlink_to("/etc/passwd")
    stacks = tmp_path / "stacks"
    stacks.mkdir()
    (stacks / "acme.yaml").write_text(
        f"version: 1\ndomain: {DOMAIN}\ntimezone: UTC\nmail_host: {{service: fastmail}}\n"
        f"dns_hosts: [{{service: manual}}]\ncontact: wang@{DOMAIN}\n"
    )
    assert main(["dmarc", "report", "in", "--lang", "en", "--format", "json"]) == 1
    first = json.loads(capsys.readouterr().out)
    assert {key: first[key] for key in ("files", "mail", "tls", "failures", "duplicates")} == {
        "files": 6,
        "mail": 1,
        "tls": 1,
        "failures": 1,
        "duplicates": 1,
    }
    assert [Path(each["file"]).name for each in first["refused"]] == ["3.xml", "6.txt"]
    assert main(["dmarc", "report", "in", "--lang", "en"]) == 1
    assert (
        "0 new reports of mail, 0 of TLS, 0 of single failures; 4 were there already"
        in capsys.readouterr().out
    )
    store = tmp_path / ".mailwright" / "reports.sqlite"
    assert store.stat().st_mode & 0o077 == 0
    kept = b"".join(path.read_bytes() for path in store.parent.iterdir() if path.is_file())
    assert b"private@receiver" not in kept and b"Order 4711" not in kept, "nothing of the message is kept"
    store.write_bytes(b"not a database at all, not a database at all")
    assert main(["dmarc", "report", "in", "--lang", "en"]) == 1
    assert "delete it, and read the reports again" in capsys.readouterr().err
    store.unlink()
    assert main(["dmarc", "report", "in", "--lang", "en"]) == 1
    assert "1 new reports of mail" in capsys.readouterr().out


def test_what_is_older_than_is_kept_is_forgotten(tmp_path: Path) -> None:
    store = tmp_path / "s"
    for number, day in enumerate((DAY, TODAY - dt.timedelta(days=500))):
        (tmp_path / f"{number}.xml").write_text(google(day, [GOOD]))
    for _ in range(2):
        assert (
            main(["dmarc", "report", str(tmp_path / "0.xml"), str(tmp_path / "1.xml"), "--store", str(store)])
            == 0
        )
    main(["dmarc", "report", str(tmp_path / "0.xml"), "--store", str(store)])
    (count,) = sqlite3.connect(store).execute("SELECT count(*) FROM mail").fetchone()
    assert count == 1


_NO_NETWORK = """
import sys
def hook(event, args):
    if event.startswith("socket.") and event not in ("socket.__new__", "socket.gethostname"):
        print(event, args); sys.exit(9)
sys.addaudithook(hook)
from mailwright.cli import main
code = main(sys.argv[1:])
assert "parsedmarc" in sys.modules
sys.exit(code)
"""


def test_nothing_is_asked_of_any_network(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(google(DAY, [GOOD, FORWARDED, SPOOF]))
    (tmp_path / "b.json").write_bytes(tls(DAY))
    (tmp_path / "c.eml").write_bytes(failure(DAY))
    words = ["dmarc", "report", str(tmp_path), "--store", str(tmp_path.parent / "s.sqlite")]
    run = subprocess.run(
        [sys.executable, "-c", _NO_NETWORK, *words], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(google(DAY, [GOOD]))
    code = "import sys; sys.modules['parsedmarc'] = None; from mailwright.cli import main; "
    code += "sys.exit(main(sys.argv[1:]))"
    words = ["dmarc", "report", str(tmp_path / "a.xml"), "--store", str(tmp_path / "s"), "--lang", "en"]
    run = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert run.returncode == 1 and "python -m pip install 'mailwright[reports]'" in run.stderr


def test_no_mutilated_report_is_more_than_refused() -> None:
    """Whatever octets: a report with values of their form, or a refusal, and nothing else."""
    chance = random.Random(20)
    seeds = [make(DAY, [GOOD, FORWARDED, SPOOF]).encode(encoding) for make, encoding in RECEIVERS.values()]
    seeds += [
        tls(DAY, 5, 2),
        failure(DAY),
        mailed(gzipped(seeds[0]), "a.gz"),
        zipped(seeds[1]),
        gzipped(seeds[2]),
    ]
    read = 0
    for _ in range(FUZZED):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.choice((1, 1, 2, 5, 30))):
            at = chance.randrange(len(data))
            way = chance.randrange(5)
            if way == 0:
                data[at] = chance.randrange(256)
            elif way == 1:
                del data[at : at + chance.randrange(1, 60)]
            elif way == 2:
                data[at:at] = data[chance.randrange(len(data)) :][: chance.randrange(1, 200)]
            elif way == 3:
                data[at:at] = chance.choice(
                    (b"<", b"&x;", b"]]>", b"\x00", b"<!DOCTYPE a>", b"\xff\xfe", b"--b\n", b"{")
                )
            else:
                del data[at:]
            if not data:
                data = bytearray(b"<")
        try:
            for text in unpack(bytes(data)):
                report = parse(text, NOW)
                read += 1
                if isinstance(report, Aggregate):
                    assert report.org.isprintable() and all(row.messages > 0 for row in report.rows)
        except ReportError as error:
            assert error.reason("zh")
    assert read > FUZZED // 20, "the fuzzer reaches what reads"
