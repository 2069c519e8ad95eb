"""YAML to ``MailSpec``: every error at once, each with its place and what to write instead."""

from mailwright.spec.loading import SpecResult, find_specs, load, load_many, parse
from mailwright.spec.model import MailSpec

__all__ = ["MailSpec", "SpecResult", "find_specs", "load", "load_many", "parse"]
