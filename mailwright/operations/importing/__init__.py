"""Taking over a living domain: read it, recognise what runs it, write the spec that plans it as it is."""

from mailwright.operations.importing.importing import Imported, ImportingError, imported, importing
from mailwright.operations.importing.names import to_ask
from mailwright.operations.importing.sources import World, from_servers, from_transfer, from_zone_file

__all__ = [
    "Imported",
    "ImportingError",
    "World",
    "from_servers",
    "from_transfer",
    "from_zone_file",
    "imported",
    "importing",
    "to_ask",
]
