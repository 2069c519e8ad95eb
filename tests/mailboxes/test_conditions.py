"""Rules by a header, by size, by attachments and for what is no spam: spec, trace and Pigeonhole agree."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailwright.cli import main
from mailwright.hosts.mail import sieve
from mailwright.model.finding import has_errors
from mailwright.operations.world.mail_trial import _letters
from mailwright.plan.mailboxes.message import read
from mailwright.plan.mailboxes.trace import Mail, trace
from mailwright.report.mailboxes.checklist import rule_words
from mailwright.spec import parse
from tests.mailboxes.servers import Oracle, oracle_of, require, work
from tests.mailboxes.specs import DOMAIN, HEAD, mailboxes, planned, said, spec_of
from tests.mailboxes.specs import rules as ids
from tests.mailboxes.test_trace_and_servers import then as action

__all__ = ["work"]

PEOPLE = "people: {wang: {}, li: {}}\n"
RULES = (
    PEOPLE
    + """\
rules:
  - {for: wang, when: {header: {X-Spam-Flag: "YES"}}, then: {folder: Flag}}
  - {for: wang, when: {header: {List-Id: [dev, 销售]}}, then: {folder: List}}
  - {for: wang, when: {header: {subject: quote}}, then: {folder: Subject}}
  - {for: wang, when: {subject_contains: second}, then: {folder: Second}}
  - {for: wang, when: {has_header: [List-Id, "X-Odd!name"]}, then: {folder: HasList}}
  - {for: wang, when: {larger_than: 2KB}, then: {folder: Large}}
  - {for: wang, when: {smaller_than: 1 kb, attachments: false}, then: {folder: Small}}
  - {for: wang, when: {attachments: true}, then: {folder: With}}
  - {for: wang, when: {not_spam: true}, then: {folder: Clean}}
  - for: wang
    when: {not_spam: true, match: any, has_header: List-Id, subject_contains: x}
    then: {folder: Any}
"""
)
PDF = "Content-Type: application/pdf\r\n\r\n%PDF\r\n"


def mail(head: str = "", body: str = "\r\nhi\r\n", subject: str = "hello") -> bytes:
    start = f"From: a@b.example\r\nTo: wang@{DOMAIN}\r\nMessage-ID: <1@x>\r\nSubject: {subject}\r\n"
    return (start + head + body).encode()


def parts(*each: str) -> str:
    """A multipart mail's headers after the first ones, and its text."""
    head = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="q"\r\n\r\n'
    return head + "".join(f"--q\r\n{part}\r\n" for part in each) + "--q--\r\n"


MAILS = [
    mail(),
    mail(subject="quote"),
    mail("Subject: second quote\r\n"),
    *(
        mail(f"X-Spam-Flag: {value}\r\n")
        for value in ("YES", "yes", " YES ", "NO", "Yes, really", "not yes", "")
    ),
    *(mail(f"X-Spam: {value}\r\n") for value in ("Yes", "No", "yesterday")),
    *(mail(f"X-Spam-Status: {value}\r\n") for value in ("Yes, score=9", "No, score=0", "=?utf-8?q?Yes?=")),
    mail("X-Spam-Flag: NO\r\nX-Spam-Flag: YES\r\n"),
    mail("X-Spam-Status:\r\n Yes, score=9\r\n"),
    mail("list-id: =?utf-8?b?6ZSA5ZSu?= <sales.x>\r\n"),
    mail("List-ID: <DEV.example>\r\n"),
    mail("List-Id:\r\n"),
    mail("X-Odd!Name: 1\r\n"),
    mail(body="\r\n" + "x" * 70 + "\r\n" + "y\r\n" * 400),
    mail(body="\r\n" + "x" * 3000 + "\r\n"),
    mail(body="\r\n" + "y\r\n" * 500).replace(b"\r\n", b"\n"),
    mail(body=parts("Content-Type: text/plain\r\n\r\nhi")),
    mail(body=parts(PDF)),
    mail(body="MIME-Version: 1.0\r\n" + PDF),
    mail(body=parts("Content-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment\r\n\r\nhi")),
    mail(body=parts("Content-Type: image/png; name=logo.png\r\nContent-ID: <1>\r\n\r\nhi")),
    mail(body=parts("Content-Type: image/png\r\nContent-Disposition: inline; filename=logo.png\r\n\r\nhi")),
    mail(body=parts("Content-Disposition: ATTACHMENT; filename*=utf-8''%E4%BA%A7\r\n\r\nhi")),
    mail(body=parts("Content-Disposition: (it is) attachment ; filename=x\r\n\r\nhi")),
    mail(body=parts("Content-Disposition: x-attachment; filename=x\r\n\r\nhi")),
    mail(body=parts("Content-Type: application\r\n\r\nhi")),
    mail(body=parts("Content-Type: application / pdf\r\n\r\nhi")),
    mail(body=parts("Content-Type: Audio/x-wav\r\n\r\nhi")),
    mail(body=parts("Content-Type: text/calendar\r\n\r\nhi")),
    mail(body=parts("Content-Type:\r\n\r\nhi")),
    mail(body=parts(f"Content-Type: message/rfc822\r\n\r\nSubject: y\r\n{PDF}")),
    mail(body=parts('Content-Type: multipart/alternative; boundary="z"\r\n\r\n--z\r\n' + PDF + "--z--")),
    mail(body="Content-Type: text/plain\r\n\r\nContent-Disposition: attachment\r\n\r\nhi\r\n"),
]


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with oracle_of(mailboxes(RULES)) as asked:
        yield asked


@pytest.mark.parametrize("message", MAILS, ids=range(len(MAILS)))
def test_a_mail_fires_the_rules_that_the_server_fires(message: bytes, oracle: Oracle) -> None:
    to = f"wang@{DOMAIN}"
    story = trace(oracle.made, read(message, to))
    assert {folder for reached in story.reached for folder in reached.folders} == oracle.run(
        to, "a@b.example", message
    ).folders


TESTS = [
    "header: {X-Kind: [order, '报价']}",
    "header: {List-Id: dev}",
    "header: {X-Kind: a, X-Spam-Status: score}",
    "has_header: [List-Id, X-Kind]",
    "has_header: X-None",
    "larger_than: 700",
    "larger_than: 1KB",
    "smaller_than: 600B",
    "attachments: true",
    "attachments: false",
    "not_spam: true",
    "not_replies: true",
    "subject_contains: quote",
    "from: '@b'",
]
HEADS = [
    "X-Kind: order\r\n",
    "X-Kind: =?utf-8?b?5oql5Lu3?= a\r\n",
    "x-kind:\r\n\tan\r\n Order\r\n",
    "X-Kind: b\r\nX-KIND: ORDER\r\n",
    "List-Id: Dev list <dev.x.example>\r\n",
    "List-Id: \r\n",
    "X-Spam-Status: Yes, score=7\r\n",
    "X-Spam-Status: No, score=1\r\n",
    "X-Spam-Status: No, tests=BAYES_50\r\n\tscore=1\r\n",
    "X-Spam-Flag: YES\r\n",
    "X-Spam: Yes\r\n",
    "References: <0@x>\r\n",
]
PARTS = [
    "Content-Type: text/plain\r\n\r\nhi",
    "Content-Type: text/html\r\n\r\n<p>hi</p>",
    "Content-Type: image/png; name=x.png\r\nContent-Disposition: inline\r\n\r\nhi",
    'Content-Type: text/csv\r\nContent-Disposition: attachment; filename="x;y.csv"\r\n\r\na',
    PDF,
    "Content-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nhi",
    f"Content-Type: message/rfc822\r\n\r\nSubject: y\r\n{PDF}",
    "content-disposition: ATTACHMENT\r\n\r\nhi",
    "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=",
]


def generated(dice: random.Random) -> bytes:
    head = "".join(dice.sample(HEADS, dice.choice([0, 1, 2])))
    subject = dice.choice(["hello", "a quote"])
    body = f"\r\n{'x' * 70}\r\n" + "y\r\n" * dice.choice([0, 100, 200, 300])
    if dice.random() < 0.6:
        body = parts(*dice.choices(PARTS, k=dice.choice([1, 2, 3])))
    return mail(head, body, subject)


def company(dice: random.Random) -> str:
    """A spec without errors: rules that go round in circles or contradict each other are drawn again."""
    while True:
        text = "people: {wang: {}, li: {}, chen: {}}\n"
        text += "addresses: {info: {to: wang}, support: {to: li, shared: true}}\nrules:\n"
        for of in dice.choices(["info", "wang", "support"], k=5):
            words = [*dice.sample(TESTS, dice.choice([1, 1, 2, 3])), *dice.choice([[], [], ["match: any"]])]
            keys = {word.partition(":")[0]: word for word in words}
            text += f"  - {{for: {of}, when: {{{', '.join(keys.values())}}}, then: {{{action(dice, of)}}}}}\n"
        if not has_errors(parse((HEAD + text).encode(), "acme.yaml").findings):
            return text


@pytest.mark.parametrize("seed", range(25))
def test_generated_rules_and_mails_end_where_the_trace_says(seed: int, work: Path) -> None:
    require("postmap", "sieve-test")
    dice = random.Random(seed)
    text = company(dice)
    made = planned(text).mailboxes
    assert made is not None
    oracle = Oracle(work, made)
    for _ in range(6):
        to, message = f"{dice.choice(['info', 'wang', 'support'])}@{DOMAIN}", generated(dice)
        story = trace(made, read(message, to))
        expected = {reached.address: frozenset(reached.folders) for reached in story.reached}
        told = "\n".join([text, to, repr(message), *(step.text("en") for step in story.steps)])
        assert oracle.reached(to, "a@b.example", message) == expected, told


@pytest.mark.parametrize(("octets", "folders"), [(2047, 0), (2048, 0), (2049, 1), (1023, 2), (1024, 0)])
def test_the_limit_itself_is_neither_larger_nor_smaller(octets: int, folders: int, oracle: Oracle) -> None:
    message = mail()
    message += b"x" * (octets - len(message) - 2) + b"\r\n"
    assert len(message) == octets
    found = oracle.run(f"wang@{DOMAIN}", "a@b.example", message).folders & {"Large", "Small"}
    assert found == [set(), {"Large"}, {"Small"}][folders]


def test_a_script_asks_for_an_extension_only_where_it_uses_it() -> None:
    def needs(when: str) -> set[str]:
        made = mailboxes(PEOPLE + f"rules: [{{for: wang, when: {{{when}}}, then: {{folder: X}}}}]\n")
        text = sieve.script(made, f"wang@{DOMAIN}")
        assert text is not None
        return set(sieve.required(text))

    plain = needs("from: a")
    for when in ("header: {X-A: header :mime}", "has_header: X-A", "larger_than: 1MB", "not_spam: true"):
        assert needs(when) == plain
    assert needs("attachments: false") == plain | {"mime"}


@pytest.mark.parametrize(
    ("when", "rule", "column"),
    [
        ("larger_than: 5 apples", "bad-size", 0),
        ("larger_than: 2GB", "bad-size", 0),
        ("smaller_than: 0", "bad-size", 0),
        ("larger_than: ５MB", "bad-size", 0),
        ("header: {'X Spam': a}", "bad-header-name", 9),
        ("header: {'X-Spam:': a}", "bad-header-name", 9),
        ("has_header: ['a\"b']", "bad-header-name", 13),
        ("header: {Return-Path: a}", "header-of-the-server", 9),
        ("has_header: received", "header-of-the-server", 0),
        ("larger_than: 5MB, smaller_than: 5MB", "sizes-exclude-each-other", -7),
        ('header: {X-A: "a\\x01"}', "hidden-character", 9),
    ],
)
def test_a_slip_is_said_at_its_place(when: str, rule: str, column: int) -> None:
    start = "rules: [{for: wang, when: {"
    found = said(PEOPLE + start + when + "}, then: {folder: X}}]\n")
    assert [(each, line) for each, line, _ in found] == [(rule, 2)]
    assert found[0][2] == len(start) + 1 + column


def test_sizes_that_exclude_each_other_may_be_either() -> None:
    assert not said(
        PEOPLE
        + "rules: [{for: wang, when: {match: any, larger_than: 5MB, smaller_than: 1KB}, then: {tag: x}}]\n"
    )


def lint(first: str, second: str, then: str = "assign_to: li") -> set[str]:
    text = f"  - {{for: wang, when: {{{first}}}, then: {{assign_to: wang}}}}\n"
    text += f"  - {{for: wang, when: {{{second}}}, then: {{{then}}}}}\n"
    result = parse((HEAD + PEOPLE + "rules:\n" + text).encode(), "acme.yaml")
    return {each.rule for each in result.findings}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("larger_than: 1MB", "larger_than: 5MB"),
        ("smaller_than: 5MB", "smaller_than: 1MB"),
        ("header: {X-A: ab}", "header: {x-a: cabd}"),
        ("has_header: [X-A, X-B]", "has_header: x-b"),
        ("has_header: X-A", "header: {x-a: b}"),
        ("has_header: Subject", "subject_contains: b"),
        ("attachments: true", "attachments: true, from: a"),
        ("not_spam: true", "not_spam: true, from: a"),
        ("match: any, larger_than: 1MB, from: a", "larger_than: 2MB"),
    ],
)
def test_a_rule_that_comes_too_late_is_said(first: str, second: str) -> None:
    assert lint(first, second) == {"rule-never-fires"}
    assert not lint(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("attachments: true", "attachments: false"),
        ("larger_than: 1MB", "smaller_than: 5MB"),
        ("header: {X-A: a}", "header: {X-B: a}"),
        ("from: a", "not_spam: true"),
        ("from: a, not_spam: true", "from: a"),
        ("has_header: X-A", "match: any, header: {X-A: a}, from: b"),
        ("match: any, from: a, not_spam: true", "from: a"),
        ("from: a, larger_than: 1MB", "from: a"),
    ],
)
def test_a_rule_that_still_gets_mail_is_left_alone(first: str, second: str) -> None:
    assert not lint(first, second)


def test_the_same_condition_twice_contradicts() -> None:
    assert lint("not_spam: true", "not_spam: true") == {"rules-contradict"}
    assert lint("attachments: false", "attachments: false") == {"rules-contradict"}


OUT = "assign_to: agent@partner.example"


@pytest.mark.parametrize(
    ("rules", "warned"),
    [
        (f"{{for: wang, when: {{from: a}}, then: {{{OUT}}}}}", True),
        (f"{{for: wang, when: {{from: a, not_spam: true}}, then: {{{OUT}}}}}", False),
        ("{for: wang, when: {from: a}, then: {copy_to: li}}", False),
        (f"{{for: wang, otherwise: true, then: {{{OUT}}}}}", True),
        (
            '{for: wang, when: {header: {x-spam-flag: "YES"}}, then: {folder: Junk, stop: true}}, '
            f"{{for: wang, otherwise: true, then: {{{OUT}}}}}",
            False,
        ),
        (
            '{for: wang, when: {header: {x-spam-flag: "YES"}}, then: {folder: Junk}}, '
            f"{{for: wang, otherwise: true, then: {{{OUT}}}}}",
            True,
        ),
        (
            '{for: wang, when: {header: {x-spam-flag: "YES"}, from: a}, then: {stop: true}}, '
            f"{{for: wang, otherwise: true, then: {{{OUT}}}}}",
            True,
        ),
    ],
)
def test_spam_that_would_leave_the_company_is_said(rules: str, warned: bool) -> None:
    findings = planned(PEOPLE + f"rules: [{rules}]\n").findings
    assert ("outside-spam" in ids(findings)) == warned
    assert not has_errors(findings)


EXPECT = (
    PEOPLE
    + """\
rules:
  - {for: wang, when: {header: {X-Kind: order}}, then: {assign_to: li}}
  - {for: wang, when: {larger_than: 20KB}, then: {assign_to: li}}
  - {for: wang, when: {attachments: true}, then: {assign_to: li}}
  - {for: wang, when: {not_spam: true, from: "@"}, then: {copy_to: li}}
expect:
  - {mail_to: wang, header: {X-Kind: [new order, other]}, reaches: li, not: wang}
  - {mail_to: wang, size: 21KB, reaches: li, not: wang}
  - {mail_to: wang, attachments: true, reaches: li, not: wang}
  - {mail_to: wang, header: {X-Spam-Status: "Yes, 7"}, reaches: wang, not: li}
  - {mail_to: wang, reaches: [wang, li]}
"""
)


def test_expectations_say_headers_size_and_attachments() -> None:
    assert not has_errors(planned(EXPECT).findings)
    wrong = EXPECT.replace("size: 21KB", "size: 20KB").replace('"Yes, 7"', '"No, 7"')
    wrong = wrong.replace("[new order, other]", "other")
    found = [
        (finding.rule, finding.path) for finding in planned(wrong).findings if "expectation-" in finding.rule
    ]
    assert found == [("expectation-leaked", f"expect[{number}]") for number in (0, 1, 3)]


def test_a_test_mail_is_what_its_expectation_says() -> None:
    from mailwright.verify.mail.letters import Post, _written

    spec, made = spec_of(EXPECT), mailboxes(EXPECT)
    post = Post(made, None, None, None, {}, f"li@{DOMAIN}")  # type: ignore[arg-type]
    stories = []
    for letter in tuple(_letters(spec, made))[:5]:
        _, octets = _written(post, letter)
        stories.append(
            {reached.address.partition("@")[0] for reached in trace(made, read(octets, letter.to)).reached}
        )
    assert stories == [{"li"}, {"li"}, {"li"}, {"wang"}, {"wang", "li"}]


def test_the_plan_says_it_in_words_and_in_json() -> None:
    made = mailboxes(RULES)
    (box,) = (mailbox for mailbox in made.mailboxes if mailbox.address == f"wang@{DOMAIN}")
    words = [rule_words(rule, "en").partition(":")[0] for rule in box.rules]
    assert words[0] == "the header X-Spam-Flag contains YES"
    assert words[5] == "it is larger than 2048 bytes"
    assert words[6] == "it is smaller than 1024 bytes and it has no attachments"
    assert words[9] == "(the subject contains x or it has the header List-Id) and not marked as spam"
    shown = next(each for each in made.to_json() if each["name"] == f"wang@{DOMAIN}")
    whens = [rule["when"] for rule in shown["rules"]]  # type: ignore[index,union-attr]
    assert whens[0]["tests"] == [{"field": "header", "contains": ["YES"], "name": "X-Spam-Flag"}]
    assert whens[6]["tests"][1] == {"field": "attachments", "contains": [], "present": False}
    assert whens[8]["not_spam"] is True and not whens[0]["not_spam"]


@pytest.mark.parametrize(
    ("options", "who"),
    [
        (["--header", "X-Kind: Order 7"], "li"),
        (["--header", "X-Kind:7", "--header", "x-kind:an order"], "li"),
        (["--size", "21KB"], "li"),
        (["--attachment"], "li"),
        (["--header", "X-Spam-Flag:YES"], "wang"),
    ],
)
def test_trace_takes_headers_sizes_and_attachments(
    options: list[str], who: str, tmp_path: Path, capsys: Any
) -> None:
    (tmp_path / "acme.yaml").write_text(HEAD + EXPECT)
    command = ["trace", str(tmp_path / "acme.yaml"), "--to", "wang", "--format", "json", *options]
    assert main(command) == 0
    assert [each["address"] for each in json.loads(capsys.readouterr().out)["reached"]] == [f"{who}@{DOMAIN}"]


@pytest.mark.parametrize("options", [["--header", "X-Kind"], ["--size", "huge"]])
def test_trace_says_what_it_cannot_take(options: list[str], tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "acme.yaml").write_text(HEAD + EXPECT)
    assert main(["trace", str(tmp_path / "acme.yaml"), "--to", "wang", *options]) == 64
    assert "write" in capsys.readouterr().err


def test_a_host_that_cannot_or_may_not_is_said() -> None:
    text = PEOPLE + "rules: [{for: wang, when: {attachments: true, not_spam: true}, then: {folder: X}}]\n"
    head = HEAD.replace('{service: self-hosted, mx: ["10 mail.acme-trade.com"]}', "{service: fastmail}")
    findings = planned(text, head=head).findings
    (by_hand,) = (finding for finding in findings if finding.rule == "set-up-by-hand")
    assert "rule by attachments" in by_hand.message("en") and "rule by a header" in by_hand.message("en")
    routing = head.replace(
        "fastmail", "cloudflare-email-routing, priority_1: 1, priority_2: 2, priority_3: 3"
    )
    text = "addresses: {wang: {to: a@b.example}}\n" + text.partition("\n")[2]
    cannot = [finding for finding in planned(text, head=routing).findings if finding.rule == "host-cannot"]
    assert any("attachments" in finding.message("en") for finding in cannot)


def test_a_mail_by_its_words_has_the_headers_they_make() -> None:
    plain = Mail(f"wang@{DOMAIN}", subject="a quote", to=(f"wang@{DOMAIN}",))
    assert plain.values("Subject") == ("a quote",) and plain.values("FROM") and not plain.values("List-Id")
