"""Facts about services, as data: one YAML file a service, loaded when it is asked for."""

from mailwright.catalog.loading import (
    console_names,
    console_words,
    free_mail_domains,
    load_services,
    lookup_costs,
    networks,
    proxies,
    service,
)
from mailwright.catalog.service import DkimForm, Input, MxHost, Service, ServiceRecord, Site

__all__ = [
    "DkimForm",
    "Input",
    "MxHost",
    "Service",
    "ServiceRecord",
    "Site",
    "console_names",
    "console_words",
    "free_mail_domains",
    "load_services",
    "lookup_costs",
    "networks",
    "proxies",
    "service",
]
