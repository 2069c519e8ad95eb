"""What a file of reports holds: plain, gzip, zip, or a mail with one attached. Every size has a bound.

Receivers name and encode them in all ways, so octets decide, never a name or a declared type.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from typing import NamedTuple

from mailwright.operations.dmarc.reports import ReportError

MOST_FILE = 32 * 1024 * 1024  # octets of a file, packed or not
MOST_UNPACKED = 32 * 1024 * 1024  # octets of all reports of a file
MOST_MEMBERS = 20  # reports in one archive
MOST_PARTS = 200  # MIME parts of one mail
MOST_TAGS = 2_000_000  # "<" in one report
MOST_FAILURE = 1024 * 1024  # octets of a mail about one failure

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_HEADER = re.compile(rb"[!-9;-~]{1,77}:")


class Text(NamedTuple):
    """One report as text: ``xml``, ``json``, or ``mail`` for a whole message about one failure."""

    kind: str
    text: str


def unpack(data: bytes) -> Iterator[Text]:
    """The reports of a file. Raises ReportError where there is none, or more than is let in."""
    if len(data) > MOST_FILE:
        raise too_large(MOST_FILE)
    if _is_report(data):
        yield _text(data)
        return
    if data.startswith((_GZIP, _ZIP)):
        yield from map(_text, _archive(data))
        return
    if not _HEADER.match(data.lstrip(b"\r\n")):
        raise ReportError("neither XML, JSON, gzip, zip nor a mail", "不是 XML、JSON、gzip、zip，也不是邮件")
    yield from _attached(data)


def _attached(data: bytes) -> Iterator[Text]:
    try:
        message = BytesParser().parsebytes(data)
        parts = _leaves(message)
        if any(part.get_content_type() == "message/feedback-report" for part in parts):
            if len(data) > MOST_FAILURE:
                raise too_large(MOST_FAILURE)
            yield Text("mail", data.decode("utf-8", "replace"))
            return
        left, any_report = MOST_UNPACKED, False
        for part in parts:
            octets = part.get_payload(decode=True)
            if not isinstance(octets, bytes) or part.get_content_type() in ("text/plain", "text/html"):
                continue
            members = list(_archive(octets)) if octets.startswith((_GZIP, _ZIP)) else [octets]
            for member in filter(_is_report, members):
                left, any_report = left - len(member), True
                if left < 0:
                    raise too_large(MOST_UNPACKED)
                yield _text(member)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:
        if isinstance(error, ReportError):
            raise
        raise ReportError("the mail cannot be read", "无法读取该邮件") from None
    if not any_report:
        raise ReportError("the mail has no report attached", "该邮件没有附带报告")


def _leaves(message: Message) -> list[Message]:
    """The parts without parts, of a part that is a message these too; one after the other, never nested."""
    leaves: list[Message] = []
    todo = [message]
    while todo:
        part = todo.pop(0)
        inner = part.get_payload()
        if part.get_content_type() == "message/feedback-report" or not isinstance(inner, list):
            leaves.append(part)
        else:
            todo += [part for part in inner if isinstance(part, Message)]
        if len(leaves) + len(todo) > MOST_PARTS:
            raise ReportError(
                "the mail has more than {most} parts", "该邮件超过 {most} 个部分", most=MOST_PARTS
            )
    return leaves


def _archive(data: bytes) -> Iterator[bytes]:
    """The members of an archive; an archive in an archive is none."""
    if data.startswith(_GZIP):
        yield _gunzipped(data)
        return
    left = MOST_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > MOST_MEMBERS:
                raise ReportError(
                    "the archive has more than {most} files", "压缩包内超过 {most} 个文件", most=MOST_MEMBERS
                )
            for member in members:
                with archive.open(member) as stream:
                    octets = stream.read(left + 1)
                left -= len(octets)
                if left < 0:
                    raise too_large(MOST_UNPACKED)
                yield octets
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
        ValueError,
    ) as e:
        if isinstance(e, ReportError):
            raise
        raise _broken() from None


def _gunzipped(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        octets = unpacker.decompress(data, MOST_UNPACKED + 1)
    except zlib.error:
        raise _broken() from None
    if len(octets) > MOST_UNPACKED:
        raise too_large(MOST_UNPACKED)
    if not unpacker.eof:
        raise _broken()
    return octets


def _is_report(data: bytes) -> bool:
    head = data[:64]
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            head = head[: len(head) // 2 * 2].decode(encoding, "replace").encode()
    return head.lstrip()[:1] in (b"<", b"{")


def _text(data: bytes) -> Text:
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "")
    if not encoding:
        declared = _DECLARED.match(data.lstrip())
        encoding = declared.group(1).decode() if declared else "utf-8"
    try:
        text = data.decode(encoding, "replace").lstrip()
    except LookupError:
        text = data.decode("utf-8", "replace").lstrip()
    if text[:1] not in ("<", "{"):
        raise ReportError("neither XML nor JSON", "既不是 XML 也不是 JSON")
    if text.count("<") > MOST_TAGS or text.count("{") > MOST_TAGS:
        raise ReportError(
            "the report has more than {most} elements", "报告超过 {most} 个元素", most=MOST_TAGS
        )
    return Text("xml" if text[0] == "<" else "json", text)


def too_large(most: int) -> ReportError:
    """What is over a bound of octets."""
    return ReportError("larger than {most} MB", "超过 {most} MB", most=most // (1024 * 1024))


def _broken() -> ReportError:
    return ReportError("the archive is broken or encrypted", "压缩包已损坏或已加密")
