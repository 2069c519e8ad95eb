"""Planned mailboxes as the import files of mail hosts, each in the vendor's own form.

Where a form has no way to leave the password to the console, an initial one is made up. Such a file is a
secret: its writer keeps it for its owner's eyes (0600), and a later run keeps what it holds.
"""

from __future__ import annotations

import csv
import io
import secrets
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from mailwright.model.mailboxes import Mailbox, Mailboxes

#: The vendors' own headings for bulk upload, in their order; only what we know is filled.
_GOOGLE_USERS = [
    "First Name [Required]",
    "Last Name [Required]",
    "Email Address [Required]",
    "Password [Required]",
    "Password Hash Function [UPLOAD ONLY]",
    "Org Unit Path [Required]",
    "New Primary Email [UPLOAD ONLY]",
    "Recovery Email",
    "Home Secondary Email",
    "Work Secondary Email",
    "Recovery Phone [MUST BE IN THE E.164 FORMAT]",
    "Work Phone",
    "Home Phone",
    "Mobile Phone",
    "Work Address",
    "Home Address",
    "Employee ID",
    "Employee Type",
    "Employee Title",
    "Manager Email",
    "Department",
    "Cost Center",
    "Building ID",
    "Floor Name",
    "Floor Section",
    "Change Password at Next Sign-In",
    "New Status [UPLOAD ONLY]",
]
_GOOGLE_MEMBERS = ["Group Email [Required]", "Member Email", "Member Type", "Member Role"]
_MICROSOFT_USERS = [
    "User Name",
    "First Name",
    "Last Name",
    "Display Name",
    "Job Title",
    "Department",
    "Office Number",
    "Office Phone",
    "Mobile Phone",
    "Fax",
    "Alternate email address",
    "Address",
    "City",
    "State or Province",
    "ZIP or Postal Code",
    "Country or Region",
]
_ZOHO_USERS = ["Username", "Password", "First Name", "Last Name"]
_ALIBABA_USERS = [
    "姓名(必填)",
    "邮箱账号(必填)",
    "工号",
    "邮箱密码",
    "部门",
    "分机号",
    "职务",
    "手机",
    "邮箱容量(M)",
]
#: Users in one file at most.
_ZOHO_MOST, _ALIBABA_MOST = 200, 3000
_LETTERS = string.ascii_letters + string.digits
#: What a spreadsheet would take for a formula at the start of a cell.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

#: The password of an account: kept from an earlier file, or new.
Passwords = Callable[[str], str]


def new_password(_account: str = "") -> str:
    """Twenty characters with a capital, a small letter, a digit and a sign; never a formula."""
    middle = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return f"{secrets.choice(string.ascii_uppercase)}{middle}-{secrets.choice(string.ascii_lowercase)}7"


def import_files(
    mailboxes: Mailboxes, service: str, passwords: Passwords = new_password
) -> Mapping[str, str]:
    """File name → text; empty where no form is known for certain.

    Google keeps a user's own password for ``****``, and Microsoft makes one up; at Zoho and Alibaba an empty
    one is refused or becomes a well-known default, so ``passwords`` gives one.
    """
    people = [mailbox for mailbox in mailboxes.mailboxes if mailbox.kind == "person"]
    if mailboxes.hosted is not None:  # role addresses that are a mailbox there
        own = [
            host_object
            for host_object in mailboxes.hosted.objects
            if host_object.role or host_object.kind == "delegated"
        ]
        people += [
            Mailbox(host_object.address, "person", name=_local(host_object.address)) for host_object in own
        ]
    makers: Mapping[str, Callable[[], Mapping[str, str]]] = {
        "google-workspace": lambda: _google(mailboxes, people),
        "microsoft-365": lambda: {
            "users.csv": _csv(
                _MICROSOFT_USERS, [[person.address, "", "", _name(person)] for person in people]
            )
        },
        "zoho-mail": lambda: _parts(
            _ZOHO_USERS,
            [[person.address, passwords(person.address), _name(person), ""] for person in people],
            _ZOHO_MOST,
        ),
        "alibaba-mail": lambda: _parts(
            _ALIBABA_USERS,
            [[_name(person), person.address, "", passwords(person.address)] for person in people],
            _ALIBABA_MOST,
        ),
    }
    return makers[service]() if service in makers else {}


def kept_passwords(texts: Iterable[str]) -> dict[str, str]:
    """Account → password of files that were written before."""
    passwords: dict[str, str] = {}
    for text in texts:
        rows = list(csv.reader(io.StringIO(text)))
        for head, account, password in ((_ZOHO_USERS, 0, 1), (_ALIBABA_USERS, 1, 3)):
            if rows and rows[0] == head:
                passwords |= {row[account]: row[password] for row in rows[1:] if len(row) == len(head)}
    return {account: password for account, password in passwords.items() if password}


def _google(mailboxes: Mailboxes, people: Sequence[Mailbox]) -> Mapping[str, str]:
    users = [[_name(person), _local(person.address), person.address, "****", "", "/"] for person in people]
    groups = (
        [host_object for host_object in mailboxes.hosted.objects if host_object.kind == "group"]
        if mailboxes.hosted
        else []
    )
    owners = {route.address: route.owner for route in mailboxes.routes}
    members = [
        [group.address, member, "USER", "OWNER" if member == owners.get(group.address) else "MEMBER"]
        for group in groups
        for member in group.to
    ]
    return {"users.csv": _csv(_GOOGLE_USERS, users), "group-members.csv": _csv(_GOOGLE_MEMBERS, members)}


def _parts(head: list[str], rows: Sequence[list[str]], most: int) -> Mapping[str, str]:
    return dict(_numbered(head, rows, most))


def _numbered(head: list[str], rows: Sequence[list[str]], most: int) -> Iterator[tuple[str, str]]:
    for number, start in enumerate(range(0, max(len(rows), 1), most), 1):
        name = "users.csv" if number == 1 else f"users-{number}.csv"
        yield name, _csv(head, rows[start : start + most])


def _name(box: Mailbox) -> str:
    return box.name or _local(box.address)


def _local(address: str) -> str:
    return address.partition("@")[0]


def _csv(head: list[str], rows: Iterable[list[str]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([[*map(_cell, row), *[""] * (len(head) - len(row))] for row in rows])
    return stream.getvalue()


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, without what cannot be seen."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return "'" + plain if plain.lstrip().startswith(_FORMULA) else plain
