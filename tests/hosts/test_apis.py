"""What can go wrong with an API, at a stand-in of each shape: cut, lost, turned away, wrong, late, odd."""

from __future__ import annotations

import asyncio
import base64
import copy
import logging

import pytest

from mailwright.hosts.dns.base import Denied, DnsClient, HostError, Moved, NotApplied, Partly, Unreachable
from mailwright.hosts.dns.service import Shape
from mailwright.model.records import ObservedValue
from mailwright.model.text import LANGS
from tests.hosts.apis import Row
from tests.hosts.company import FOREIGN, GOOGLE, OLD, applied, company, failure, looked_at, owned_of
from tests.hosts.standins import STAND_INS, Godaddy, Namecheap, StandIn, in_full
from tests.hosts.standins.base import Refused
from tests.hosts.test_dns_conformance import HARD_TEXTS
from tests.plan.worlds import record

# -- a whole life ---------------------------------------------------------------------------------------


def foreign_records(sets: int, *, srv: bool) -> str:
    lines = [f"h{n} {60 + n} A 192.0.2.{n}\nh{n} 300 AAAA 2001:db8::{n}" for n in range(sets)]
    lines += [
        f't{n} 600 TXT "site={n} some-text"\nt{n} 600 MX {n + 1} mx{n}.other.example.' for n in range(sets)
    ]
    lines += [f"c{n} 600 CNAME target{n}.other.example." for n in range(sets)]
    if srv:
        lines += [f"_sip._tcp.s{n} 600 SRV 1 10 5060 sip{n}.other.example." for n in range(sets // 4)]
    return "\n".join(lines) + "\n"


def test_foreign_records_are_the_same_octets_through_a_whole_life(each_vendor: StandIn) -> None:
    zone = each_vendor.new_zone()
    sets = 40 if each_vendor.service.name in in_full() else 4
    each_vendor.put(zone, foreign_records(sets, srv=not isinstance(each_vendor, Namecheap)))
    before = copy.deepcopy(each_vendor.records[zone])
    client, records = each_vendor.client(zone), company(zone)

    def foreign() -> list[dict[str, object]]:
        ids = [str(sorted(each.items(), key=str)) for each in before]
        return [each for each in each_vendor.records[zone] if str(sorted(each.items(), key=str)) in ids]

    applied(client, records)
    assert foreign() == before
    changed = [*records[:2], record(f"_dmarc.{zone}", "TXT", "v=DMARC1; p=reject"), *records[3:]]
    applied(client, changed, owned_of(records))
    assert foreign() == before
    applied(client, [], owned_of(changed))
    assert each_vendor.records[zone] == before


def test_with_nothing_to_do_it_is_one_listing(each_vendor: StandIn) -> None:
    zone = each_vendor.new_zone(FOREIGN)
    client, records = each_vendor.client(zone), company(zone)
    applied(client, records)
    reads = each_vendor.reads
    assert looked_at(client, records, owned_of(records)).is_empty
    assert each_vendor.reads == reads + 1


def test_every_txt_is_kept_to_the_octet_or_refused_before_anything_is_written(each_vendor: StandIn) -> None:
    zone = each_vendor.new_zone()
    client = each_vendor.client(zone)
    for number, text in enumerate(HARD_TEXTS):
        name = f"t{number}.{zone}"
        if not each_vendor.holds(text):
            with pytest.raises(HostError, match="holds"):
                applied(client, [record(name, "TXT", text)])
            assert not each_vendor.joined(name)
            continue
        applied(client, [record(name, "TXT", text)])
        assert each_vendor.joined(name) == {text}
        assert looked_at(client, [record(name, "TXT", text)]).is_empty


@pytest.mark.parametrize("size", [1, 3, 7])
def test_every_page_is_read(each_vendor: StandIn, size: int) -> None:
    if isinstance(each_vendor, Godaddy | Namecheap):
        pytest.skip("there are no pages, or a second one is refused")
    zone = each_vendor.new_zone(FOREIGN)
    client, records = each_vendor.client(zone), company(zone)
    applied(client, records)
    each_vendor.page = size  # type: ignore[attr-defined]
    each_vendor.reads = 0
    assert looked_at(client, records, owned_of(records)).is_empty
    assert each_vendor.reads > 1


@pytest.mark.parametrize("change", ["added", "removed", "all removed"])
def test_who_writes_between_two_pages_makes_the_reading_fail(
    each_vendor: StandIn, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What moves across the border of a page is read twice or not at all: nothing is concluded from it."""
    if not each_vendor.pages_by_number:
        pytest.skip("there are no pages, or a cursor keeps the place")
    zone = each_vendor.new_zone(FOREIGN + OLD)
    each_vendor.page = 2  # type: ignore[attr-defined]
    answer, records = each_vendor.answer, each_vendor.records[zone]

    def between(method: str, path: str, headers: dict[str, str], body: bytes) -> object:
        reply = answer(method, path, headers, body)
        if each_vendor.reads == 1:
            if change == "added":
                row = Row(f"new.{zone}", "A", 600, ObservedValue("192.0.2.9"))
                records.insert(0, each_vendor.to_record(zone, row))
            else:
                del records[: 1 if change == "removed" else None]
        return reply

    monkeypatch.setattr(each_vendor, "answer", between)
    assert "nothing is decided from a part" in str(failure(each_vendor.client(zone), zone))


# -- cut anywhere ---------------------------------------------------------------------------------------


class Killed(BaseException):
    """SIGKILL, as far as the code under test can tell."""


def killed(client: DnsClient, monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
    made = 0
    inside = client._api  # type: ignore[attr-defined]
    send = inside.send

    async def sending(call: object) -> None:
        nonlocal made
        if made == calls:
            raise Killed
        made += 1
        await send(call)

    monkeypatch.setattr(inside, "send", sending)


def test_killed_after_every_single_call_the_next_run_goes_on(
    vendor: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = vendor.new_zone(FOREIGN + OLD)
    applied(vendor.client(whole), company(whole))
    end = sorted(map(str, vendor.rows(whole)))
    total = vendor.writes
    assert total > 4 or vendor.service.stores.atomic
    for calls in range(total):
        zone = vendor.new_zone(FOREIGN + OLD)
        client = vendor.client(zone)
        change_set = looked_at(client, company(zone))
        killed(client, monkeypatch, calls)
        with pytest.raises(Killed):
            asyncio.run(client.apply(change_set))
        assert vendor.texts(zone, "MX"), "no exchanger"
        applied(vendor.client(zone), company(zone))
        assert sorted(str(row).replace(zone, whole) for row in vendor.rows(zone)) == end


def test_a_lost_answer_is_looked_up_and_no_call_is_made_twice(vendor: StandIn) -> None:
    zone = vendor.new_zone(FOREIGN + OLD)
    vendor.faults = dict.fromkeys(range(1, 20), "lost")
    client, records = vendor.client(zone), company(zone)
    change_set = looked_at(client, records)
    assert asyncio.run(client.apply(change_set)) is None
    calls = vendor.writes
    vendor.faults = {}
    assert looked_at(client, records).is_empty and vendor.writes == calls
    rows = [(row.name, row.type, row.value) for row in vendor.rows(zone)]
    assert len(rows) == len(set(rows)), "a record twice"


@pytest.mark.parametrize("fault", ["dropped", "broken", "nothing"])
@pytest.mark.parametrize("at", [1, 3])
def test_what_was_not_done_is_told_and_the_next_run_converges(vendor: StandIn, fault: str, at: int) -> None:
    zone = vendor.new_zone(FOREIGN + OLD)
    client, records = vendor.client(zone), company(zone)
    change_set = looked_at(client, records)
    at = 1 if vendor.service.stores.atomic else at
    vendor.faults = {at: fault}
    error: HostError | None = None
    try:
        answer = asyncio.run(client.apply(change_set))
    except HostError as caught:
        error = caught
    else:
        assert isinstance(answer, Partly), "something is missing and nobody said so"
        assert {change.key for change in answer.done} & {change.key for change in change_set.changes}
        error = answer.reason
    assert isinstance(error, NotApplied if fault == "nothing" else Unreachable)
    assert vendor.texts(zone, "MX") and GOOGLE in vendor.joined(zone)
    applied(client, records)
    assert looked_at(client, records).is_empty


def test_turned_away_for_too_many_calls_it_waits_and_goes_on(each_vendor: StandIn) -> None:
    zone = each_vendor.new_zone(FOREIGN)
    client, records = each_vendor.client(zone), company(zone)
    each_vendor.faults = {1: "busy"}
    applied(client, records)
    each_vendor.busy = 2
    assert looked_at(client, records, owned_of(records)).is_empty


def test_who_writes_in_the_window_keeps_what_he_wrote(vendor: StandIn) -> None:
    """A call for one record touches no other; a set is read again before it is written whole."""
    zone = vendor.new_zone(FOREIGN + OLD)
    client, records = vendor.client(zone), company(zone)
    change_set = looked_at(client, records)
    vendor.late = lambda: vendor.put(zone, '@ 300 TXT "somebody-else=was-faster"')
    vendor.faults = {1 if vendor.service.stores.atomic else 2: "late"}
    if vendor.service.stores.shape.guarded:
        pytest.skip("the host itself refuses: tests/hosts/test_declared_apis.py")
    answer = asyncio.run(client.apply(change_set))
    assert answer is None or isinstance(answer.reason, Moved)
    assert (answer is None) is (vendor.service.stores.shape is not Shape.SET_WISE)
    if vendor.service.stores.shape in (Shape.WHOLE_ZONE, Shape.SETS):
        return  # one call has no second look: who writes in that very moment is lost, as the docs say
    applied(client, company(zone))
    assert {"somebody-else=was-faster", GOOGLE} <= vendor.joined(zone)


def test_the_watcher_sees_a_moment_without_exchangers_or_policy() -> None:
    vendor = STAND_INS["aliyun"]()
    zone = vendor.new_zone(OLD)
    whole = vendor.rows(zone)
    for gone in ("MX", "TXT"):
        without = [row for row in whole if (row.name, row.type) != (zone, gone)]
        vendor.watch(whole, without)
        assert not vendor.watched, "a domain that is taken down has none, and that is no gap"
        vendor.watch(without, whole)
        (seen,) = vendor.watched
        assert "for a moment" in seen and zone in seen
        vendor.watched.clear()


# -- who may, and where ---------------------------------------------------------------------------------


def test_a_missing_right_is_told_before_anything_is_written(each_vendor: StandIn) -> None:
    zone = each_vendor.new_zone(FOREIGN)
    client = each_vendor.by(zone, *each_vendor.weak)
    before = copy.deepcopy(each_vendor.records[zone])
    change_set = looked_at(client, company(zone))
    with pytest.raises(Denied, match=r"not authori[sz]ed|may not"):
        asyncio.run(client.apply(change_set))
    assert each_vendor.records[zone] == before


def test_a_wrong_credential_and_a_missing_one(each_vendor: StandIn) -> None:
    zone = each_vendor.new_zone()
    failure(each_vendor.stranger(zone), zone, Denied)
    failure(each_vendor.by(zone, "id-of-nobody", "x"), zone, Denied)
    with pytest.raises(HostError, match="is not set"):
        each_vendor.by(zone, each_vendor.key_id, "")


def test_a_mistyped_zone_is_an_error_and_makes_none(each_vendor: StandIn) -> None:
    each_vendor.new_zone()
    error = failure(each_vendor.client("acme-tarde.example."), "acme-tarde.example.")
    assert "has no zone acme-tarde.example" in str(error)
    assert "acme-tarde.example." not in each_vendor.records


def test_a_planted_secret_is_in_no_message_log_or_repr(
    each_vendor: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    zone = each_vendor.new_zone(FOREIGN)
    shown: list[str] = []
    for client in (
        each_vendor.client(zone),
        each_vendor.stranger(zone),
        each_vendor.by(zone, *each_vendor.weak),
        each_vendor.client("not-here.example."),
    ):
        shown += [repr(client), repr(vars(client))]
        try:
            applied(client, company(zone))
        except (HostError, AssertionError) as error:
            shown += [repr(error), *(error.text(lang) for lang in LANGS if isinstance(error, HostError))]
    each_vendor._server.shutdown()
    each_vendor._server.server_close()
    shown.append(repr(failure(each_vendor.client(zone), zone, Unreachable)))
    shown += [log_record.getMessage() for log_record in caplog.records]
    assert any("cannot be reached" in each or "did not answer" in each for each in shown)
    for secret in (*each_vendor.secrets, each_vendor.weak[1]):
        assert not [each for each in shown if secret in each]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500])
def test_a_host_that_quotes_the_credential_is_not_repeated(
    each_vendor: StandIn, status: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it says no to, in words or in base64, reading and writing."""
    monkeypatch.setattr("mailwright.hosts.dns.http.PATIENCE", 0.0)
    monkeypatch.setattr("mailwright.hosts.dns.http.time.sleep", lambda _: None)
    caplog.set_level(logging.DEBUG)
    secret = each_vendor.secrets[0]
    quoted = f"no: {secret} {base64.b64encode(('x:' + secret).encode()).decode()}"
    zone = each_vendor.new_zone(FOREIGN)
    client = each_vendor.client(zone)
    change_set = looked_at(client, company(zone))
    shown: list[str] = []

    def no(*_: object) -> None:
        raise Refused(status, f"Denied.{status}", quoted)

    for where in ("writing", "answer"):
        monkeypatch.setattr(each_vendor, where, no)
        with pytest.raises(HostError) as caught:
            asyncio.run(client.apply(change_set))
        shown += [repr(caught.value), *map(caught.value.text, LANGS)]
    shown += [log_record.getMessage() for log_record in caplog.records]
    for secret_form in (secret, quoted.rpartition(" ")[2]):
        assert not [each for each in shown if secret_form in each]


def test_a_credential_is_sent_over_https_only(each_vendor: StandIn) -> None:
    each_vendor.address = "http://api.example"
    with pytest.raises(HostError, match="https only"):
        each_vendor.client("acme.example.")
    each_vendor.address = "https://user:word@api.example"
    with pytest.raises(HostError, match="not the address"):
        each_vendor.client("acme.example.")


# -- what the host holds --------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["0 .", "0 mx.example.", "51 mx.example."])
def test_a_preference_that_the_host_cannot_hold_is_refused_before_anything(
    each_vendor: StandIn, value: str
) -> None:
    if each_vendor.service.stores.limits.refusal("MX", value) is None:
        pytest.skip("this host takes it")
    zone = each_vendor.new_zone(FOREIGN)
    writes = each_vendor.writes
    with pytest.raises(HostError, match=r"preference|null MX"):
        applied(each_vendor.client(zone), [*company(zone)[1:], record(zone, "MX", value)])
    assert each_vendor.writes == writes


def test_a_key_becomes_an_alias_in_two_calls_and_never_beside_it(vendor: StandIn) -> None:
    zone = vendor.new_zone('s1._domainkey 300 TXT "v=DKIM1; k=rsa; p=AAAA"\n')
    name = f"s1._domainkey.{zone}"
    applied(vendor.client(zone), [record(name, "CNAME", "s1.vendor.example.")])
    assert vendor.texts(name, "CNAME") == {"s1.vendor.example."} and not vendor.joined(name)
    applied(vendor.client(zone), [record(name, "TXT", "v=DKIM1; k=rsa; p=BBBB")])
    assert vendor.joined(name) == {"v=DKIM1; k=rsa; p=BBBB"} and not vendor.texts(name, "CNAME")
