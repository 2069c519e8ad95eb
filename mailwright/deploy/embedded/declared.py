"""The types of resource that the embedded engine carries out, each with its own words for what changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from pulumi.provider.experimental.provider import DiffResponse

from mailwright.deploy import provider
from mailwright.deploy.dns import checking
from mailwright.deploy.dns.values import Inputs, Records, State
from mailwright.deploy.mail import handlers
from mailwright.deploy.mail import values as mail
from mailwright.deploy.mail.applying import lines_between as row_lines
from mailwright.deploy.mail.applying import script_lines

Properties = Mapping[str, Any]
Lines = tuple[str, ...]


class Declared(Protocol):
    """What an engine must know of a type. Properties are plain; lines read ``+``, ``-``, ``~``."""

    #: Inputs that say where a resource is.
    place: tuple[str, ...]

    def failures(self, properties: Properties, /) -> list[tuple[str, str]]:
        """What is wrong with inputs."""
        ...

    def settled(self, properties: Properties, /) -> dict[str, Any]:
        """Inputs in their one form."""
        ...

    def difference(self, outputs: Properties, inputs: Properties, /) -> DiffResponse:
        """What an update would be about."""
        ...

    def made(self, outputs: Properties, /) -> Lines:
        """The lines of a resource that comes."""
        ...

    def changed(self, before: Properties, after: Properties, /) -> Lines:
        """The lines of an update, between two outputs."""
        ...

    def drifted(self, outputs: Properties, /) -> Lines:
        """How the world differs from what was applied."""
        ...

    def gone(self, outputs: Properties, /) -> Lines:
        """The lines of a resource that goes."""
        ...


class _Dns:
    place: tuple[str, ...] = ("server", "port", "zone")

    def failures(self, properties: Properties) -> list[tuple[str, str]]:
        return checking.failures(properties)

    def settled(self, properties: Properties) -> dict[str, Any]:
        return Inputs.of(properties).plain()

    def difference(self, outputs: Properties, inputs: Properties) -> DiffResponse:
        return provider.difference(State.of(outputs), Inputs.of(inputs))

    def made(self, outputs: Properties) -> Lines:
        return _adopting(State.of(outputs))

    def changed(self, before: Properties, after: Properties) -> Lines:
        return _update_lines(State.of(before), State.of(after))

    def drifted(self, outputs: Properties) -> Lines:
        state = State.of(outputs)
        return lines_between(state.applied, state.inputs.records)

    def gone(self, outputs: Properties) -> Lines:
        return lines_between(State.of(outputs).inputs.records, {})


class _Mail:
    place: tuple[str, ...] = ("folder", "server", "port")

    def failures(self, properties: Properties) -> list[tuple[str, str]]:
        return mail.failures(properties)

    def settled(self, properties: Properties) -> dict[str, Any]:
        return mail.MailInputs.of(properties).plain()

    def difference(self, outputs: Properties, inputs: Properties) -> DiffResponse:
        return handlers.difference(mail.MailState.of(outputs), mail.MailInputs.of(inputs))

    def made(self, outputs: Properties) -> Lines:
        made = mail.MailState.of(outputs).inputs
        return (*row_lines({}, made.maps), *script_lines({}, made.scripts))

    def changed(self, before: Properties, after: Properties) -> Lines:
        old, new = mail.MailState.of(before).inputs, mail.MailState.of(after).inputs
        stays = [
            f"= {there} stays as it is: take it down when nothing reads it any more"
            for there, now in (
                (old.target.folder, new.target.folder),
                (old.target.login, new.target.login),
            )
            if there and there != now
        ]
        return (*row_lines(old.maps, new.maps), *script_lines(old.scripts, new.scripts), *stays)

    def drifted(self, outputs: Properties) -> Lines:
        state = mail.MailState.of(outputs)
        rows = row_lines(state.applied_maps, state.inputs.maps)
        return (*rows, *script_lines(state.applied_scripts, state.inputs.scripts))

    def gone(self, outputs: Properties) -> Lines:
        old = mail.MailState.of(outputs).inputs
        return (*row_lines(old.maps, {}), *script_lines(old.scripts, {}))


DECLARED: dict[str, Declared] = {provider.TOKEN: _Dns(), mail.TOKEN: _Mail()}


def lines_between(before: Records, after: Records) -> tuple[str, ...]:
    """One line a record that comes or goes, a value a line, as an administrator reads a zone."""
    lines: list[str] = []
    for pair in sorted({*before, *after}):
        ttl_before, old = before.get(pair, (None, ()))
        ttl_after, new = after.get(pair, (None, ()))
        lines += [f"- {pair} {value}" for value in old if value not in new]
        lines += [f"+ {pair} {value}" for value in new if value not in old]
        if old and new and ttl_before != ttl_after:
            lines.append(f"~ {pair} TTL {ttl_before} -> {ttl_after}")
    return tuple(lines)


#: How a line begins that writes nothing.
STAYS = "= "


def _adopting(state: State) -> tuple[str, ...]:
    """The lines of records that come, and of those that stand there already and only become ours."""
    there = {
        f"+ {pair} {value}": f"{STAYS}{pair} {value} (taken over as it is)"
        for pair, (ttl, values) in (state.found or {}).items()
        for value in values
        if state.inputs.records.get(pair, (None, ()))[0] == ttl
    }
    return tuple(there.get(line, line) for line in lines_between({}, state.inputs.records))


def _update_lines(old: State, new: State) -> tuple[str, ...]:
    lines = list(lines_between(old.inputs.records, new.inputs.records))
    kept = {(each.name, each.type, each.value): each for each in new.retiring}
    staying = {f"- {each.name} {each.type} {each.value}": each for each in kept.values()}
    made = [line for line in lines if line not in staying]
    made += [f"= {each.name} {each.type} {each.value} (stays until {each.until})" for each in kept.values()]
    gone = [each for each in old.retiring if (each.name, each.type, each.value) not in kept]
    wanted = {f"{pair} {value}" for pair, (_, values) in new.inputs.records.items() for value in values}
    made += [
        f"- {each.name} {each.type} {each.value} (no longer needed by anybody)"
        for each in gone
        if f"{each.name} {each.type} {each.value}" not in wanted
    ]
    return tuple(made)
