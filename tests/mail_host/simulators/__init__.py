"""Simulators of how hosted business mail services treat mail and administrator actions."""

from tests.mail_host.simulators.facts import FACTS, HOSTS, Fact
from tests.mail_host.simulators.model import ACTIONS, Delivery, Event, Mail, Outcome, Step
from tests.mail_host.simulators.tenant import Tenant

__all__ = ["ACTIONS", "FACTS", "HOSTS", "Delivery", "Event", "Fact", "Mail", "Outcome", "Step", "Tenant"]
