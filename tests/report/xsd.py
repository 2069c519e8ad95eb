"""As much of XML Schema as the JUnit schema uses: structure, order, required attributes, simple types."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

_XS = "{http://www.w3.org/2001/XMLSchema}"
_LEXICAL = {
    "xs:int": r"[+-]?\d+",
    "xs:decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)",
    "xs:token": r"(\S+( \S+)*)?",
    "xs:string": r"[\s\S]*",
    "ISO8601_DATETIME_PATTERN": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}",
}


class Schema:
    """The complaints about a document; none means it is valid."""

    def __init__(self, path: Path) -> None:
        self.root = ET.parse(path).getroot()
        self.types = {element.get("name"): element for element in self.root if element.tag.endswith("Type")}

    def complaints(self, document: str) -> list[str]:
        top = ET.fromstring(document)
        for match in self.root.findall(f"{_XS}element"):
            if match.get("name") == top.tag:
                return self._element(match, top)
        return [f"no root element {top.tag}"]

    def _element(self, declared: ET.Element, node: ET.Element) -> list[str]:
        kind = declared.find(f"{_XS}complexType")
        if kind is None:
            kind = self.types.get(declared.get("type"))
        return [] if kind is None or kind.tag == f"{_XS}simpleType" else self._complex(kind, node)

    def _complex(self, kind: ET.Element, node: ET.Element) -> list[str]:
        attributes, parts = self._parts(kind)
        said = []
        for name, element in attributes.items():
            value = node.get(name)
            if value is None:
                said += [f"{node.tag} lacks {name}"] if element.get("use") == "required" else []
            elif not re.fullmatch(_LEXICAL.get(element.get("type", "xs:string"), r"[\s\S]*"), value):
                said.append(f"{node.tag}/@{name} is {value!r}")
        said += [f"{node.tag} has {name}" for name in node.attrib if name not in attributes]
        return said + self._children(parts, node)

    def _parts(self, kind: ET.Element) -> tuple[dict[str, ET.Element], list[ET.Element]]:
        attributes: dict[str, ET.Element] = {}
        parts: list[ET.Element] = []
        extension = kind.find(f"./{_XS}complexContent/{_XS}extension")
        if extension is None:
            extension = kind.find(f"./{_XS}simpleContent/{_XS}extension")
        if extension is not None:
            if extension.get("base") in self.types:
                attributes, parts = self._parts(self.types[extension.get("base")])
            kind = extension
        attributes |= {match.get("name", ""): match for match in kind.findall(f"{_XS}attribute")}
        return attributes, parts + [
            element for element in kind if element.tag in (f"{_XS}sequence", f"{_XS}choice")
        ]

    def _children(self, parts: list[ET.Element], node: ET.Element) -> list[str]:
        said, left = [], list(node)
        for part in parts:
            taken = 0
            for match in part.findall(f"{_XS}element"):
                count = 0
                while left and left[0].tag == match.get("name"):
                    said += self._element(match, left.pop(0))
                    count += 1
                taken += count
                most = match.get("maxOccurs", "1")
                if part.tag == f"{_XS}sequence" and count < int(match.get("minOccurs", "1")):
                    said.append(f"{node.tag} lacks <{match.get('name')}>")
                if most != "unbounded" and count > int(most):
                    said.append(f"{node.tag} has {count} <{match.get('name')}>")
            if part.tag == f"{_XS}choice" and taken > 1:
                said.append(f"{node.tag} has {taken} of one choice")
        return said + [f"<{element.tag}> is out of place in {node.tag}" for element in left]
