"""Facts about services, as data: one YAML file a service, loaded when it is asked for."""

from mailwright.catalog.costs import lookup_costs, spf_costs
from mailwright.catalog.loading import (
    CatalogError,
    console_names,
    console_words,
    free_mail_domains,
    load_services,
    networks,
    proxies,
    service,
    service_name,
)
from mailwright.catalog.service import (
    RECEIVING,
    SENDING,
    DkimForm,
    Input,
    MxHost,
    Service,
    ServiceRecord,
    Site,
    SpfCost,
)

__all__ = [
    "RECEIVING",
    "SENDING",
    "CatalogError",
    "DkimForm",
    "Input",
    "MxHost",
    "Service",
    "ServiceRecord",
    "Site",
    "SpfCost",
    "console_names",
    "console_words",
    "free_mail_domains",
    "load_services",
    "lookup_costs",
    "networks",
    "proxies",
    "service",
    "service_name",
    "spf_costs",
]
