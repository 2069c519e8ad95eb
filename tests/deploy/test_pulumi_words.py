"""What ``mailwright up`` repeats of a failed Pulumi run: the reason, once, without Pulumi's own noise."""

from __future__ import annotations

import pytest

from mailwright.operations.stack.by_pulumi import essence

REASON = """\
error: Refused: this change could lose mail. Nothing was changed.
  [no-mx-left] acme.example would be left without any mail exchanger."""
UP = """\
code: 255
 stdout: Updating (acme):
    pulumi:pulumi:Stack mailwright-acme running error: Refused: this change could lose mail.
Diagnostics:
  pulumi:pulumi:Stack (mailwright-acme):
    error: update failed

    Traceback (most recent call last):
      File "somewhere", line 232, in <module>
        loop.run_until_complete(coro)
    KeyboardInterrupt
    During handling of the above exception, another exception occurred:
    Traceback (most recent call last):
      File "somewhere", line 244, in <module>
    KeyboardInterrupt

  mailwright:index:DnsRecords (acme.example):
    error: Refused: this change could lose mail. Nothing was changed.
      [no-mx-left] acme.example would be left without any mail exchanger.
    error: an unhandled error occurred: program exited with non-zero exit code: 1

Outputs:
    domains: [
        [0]: "acme.example"
    ]

Resources:
    3 unchanged
"""
PREVIEW = f"""\
code: 255
 stdout: Previewing update (acme):
Resources:
    1 unchanged
 stderr: {REASON}
error: an unhandled error occurred: program exited with non-zero exit code: 1
"""


@pytest.mark.parametrize("text", [UP, PREVIEW])
def test_the_reason_stands_alone(text: str) -> None:
    assert essence(text) == REASON


def test_what_has_another_shape_is_told_whole() -> None:
    assert essence("no such backend\n\nat all") == "no such backend\nat all"
    assert essence("error: update failed") == "error: update failed"
