"""The folders and tags that rules ask for, as the mail host can store them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mailwright.catalog.capability import Capability
from mailwright.model.finding import Finding, found
from mailwright.model.mailboxes import Label
from mailwright.model.position import Position
from mailwright.plan.mailboxes import rules as said
from mailwright.spec.model import MailSpec
from mailwright.spec.own_server import SELF_HOSTED, Folders


@dataclass
class Labels:
    """Every label of one spec; each name has its finding once."""

    spec: MailSpec
    host: Capability
    findings: list[Finding]
    tagged: set[str] = field(default_factory=set)
    filed: set[str] = field(default_factory=set)

    def stored(self, label: Label, position: Position | None) -> Label:
        """A tag that the host has not is a copy in a folder of its name."""
        if label.kind == "folder":
            return self._foldered(label, position)
        if self.host.stores(label.name):
            return label
        if label.name not in self.tagged:
            self.tagged.add(label.name)
            self.findings.append(found(said.TAG_AS_FOLDER, position=position, tag=label.name))
        return self._foldered(replace(label, copied=True), position)

    def _foldered(self, label: Label, position: Position | None) -> Label:
        """The folder as the server names it: ``/`` may be no separator, and no name there holds a dot."""
        if self.spec.mail_host.service != SELF_HOSTED:
            return label
        name, first = label.name, label.name not in self.filed
        self.filed.add(name)
        where = self.spec.mail_host.folders
        if where is None and first and "/" in name:
            self.findings.append(found(said.SEPARATOR_UNKNOWN, position=position, folder=name))
        where = where or Folders()
        if where.separator != "/" or "." in name:
            name = where.separator.join(level.replace(".", "_") for level in name.split("/"))
            if first and "." in label.name:
                renamed = said.FOLDER_RENAMED
                self.findings.append(found(renamed, position=position, folder=label.name, stored=name))
        return replace(label, name=where.prefix + name)
