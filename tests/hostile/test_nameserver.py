"""A nameserver that cuts, lies about its code, drips, or names tens of thousands of names."""

from __future__ import annotations

import threading
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from mailwright.cli import main
from tests.hostile.nameserver import answered, serving
from tests.hostile.repository import SPEC

ABSENT = ("missing", "no record", "breaks", "not there")


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "acme.yaml"
    path.write_text(SPEC)
    return path


def cut(query: dns.message.Message, tcp: bool) -> bytes:
    """Truncated, over TCP too."""
    message = answered(query)
    message.flags |= dns.flags.TC
    return message.to_wire()


def badvers(query: dns.message.Message, tcp: bool) -> bytes:
    """An extended response code: its low four bits are those of NOERROR (RFC 6891 §6.1.3)."""
    message = answered(query)
    message.use_edns(0)
    message.set_rcode(dns.rcode.BADVERS)
    return message.to_wire()


@pytest.mark.parametrize("behaviour", [cut, badvers])
def test_a_cut_answer_is_no_answer(spec: Path, capfd: pytest.CaptureFixture[str], behaviour: object) -> None:
    with serving(behaviour) as port:  # type: ignore[arg-type]
        server = f"127.0.0.1:{port}"
        code = main(["verify", str(spec), "--nameserver", server, "--lang", "en"])
        output = capfd.readouterr()
        assert code == 1 and "could not tell" in output.out
        assert not any(each in output.out for each in ABSENT), output.out
        for words in (
            ["look", "acme-trade.example", "--nameserver", server],
            ["import", "acme-trade.example", "--nameserver", server],
            ["check", str(spec), "--online", "--resolver", server],
        ):
            code = main([*words, "--lang", "en"])
            output = capfd.readouterr()
            said = output.out + output.err
            assert code in (0, 1), said
            assert "fault of Mailwright" not in said
            assert not any(each in said for each in ABSENT), (words, said)


def test_the_extended_code_counts_wherever_the_opt_record_stands() -> None:
    from mailwright.resolving import wire

    query = dns.message.make_query("acme-trade.example", "MX", use_edns=0)
    for options in ([], [dns.edns.NSIDOption(b"ns1")]):
        message = answered(query)
        message.use_edns(0, options=options)
        message.set_rcode(dns.rcode.BADCOOKIE)
        assert wire.code(message.to_wire()) == dns.rcode.BADCOOKIE
        message.set_rcode(dns.rcode.NXDOMAIN)
        assert wire.code(message.to_wire()) == dns.rcode.NXDOMAIN
    plain = answered(dns.message.make_query("acme-trade.example", "MX"), "10 mail.acme-trade.example.")
    assert wire.code(plain.to_wire()) == dns.rcode.NOERROR


def test_a_server_that_drips_ends_with_the_deadline(spec: Path, capfd: pytest.CaptureFixture[str]) -> None:
    over, answers = threading.Event(), list[bytes]()

    def drip(query: dns.message.Message, tcp: bool) -> bytes | None:
        if not tcp:
            return cut(query, tcp)
        over.wait(3)  # short of being taken for silent, for every question
        answers.append(answered(query).to_wire())
        return answers[-1]

    with serving(drip) as port:
        server = f"127.0.0.1:{port}"
        for words in (
            ["verify", str(spec), "--nameserver", server, "--deadline", "2s"],
            ["look", "acme-trade.example", "--nameserver", server, "--deadline", "2s"],
            ["import", "acme-trade.example", "--nameserver", server, "--deadline", "2s"],
        ):
            del answers[:]
            code = main([*words, "--lang", "en"])
            output = capfd.readouterr()
            assert code == 1 and "deadline" in output.out + output.err, output.out + output.err
            assert len(answers) < 40, "what a server has answered by the deadline, not what it would"
            assert not any(each in output.out for each in ABSENT), output.out
        over.set()


def test_a_forest_of_includes_costs_a_bounded_number_of_questions(
    spec: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """An include that names 28 others, each of which names 28 more, and so on without end."""
    asked: set[str] = set()

    def forest(query: dns.message.Message, tcp: bool) -> bytes:
        name, type = query.question[0].name.to_text().lower(), dns.rdatatype.to_text(query.question[0].rdtype)
        asked.add(f"{name} {type}")
        if type == "TXT" and not name.startswith("_"):
            terms = " ".join(f"include:n{number}.{name.rstrip('.')[-150:]}" for number in range(28))
            text = f"v=spf1 {terms} ~all"
            pieces = [text[at : at + 250] for at in range(0, len(text), 250)]
            if not tcp:
                return cut(query, tcp)
            return answered(query, " ".join(f'"{piece}"' for piece in pieces)).to_wire()
        return answered(query).to_wire()

    spec.write_text(SPEC + "spf: {include: [forest.example.net]}\n")
    with serving(forest) as port:
        server = f"127.0.0.1:{port}"
        words = ["verify", str(spec), "--deep", "--nameserver", server, "--resolver", server]
        main([*words, "--connect-to", ":25:127.0.0.1:9", "--deadline", "60s", "--lang", "en"])
        output = capfd.readouterr()
        assert "fault of Mailwright" not in output.out + output.err
        assert 28 < len(asked) < 2500
