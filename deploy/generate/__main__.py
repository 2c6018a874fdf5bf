"""Writes every generated file."""

from agents import schemas
from deploy.generate import dashboards, kubernetes
from deploy.generate.asyncapi import DOCUMENT, asyncapi_text
from deploy.generate.metrics_page import PAGE, metrics_page

schemas.main()
PAGE.write_text(metrics_page(), "utf-8")
dashboards.write()
kubernetes.write()
DOCUMENT.write_text(asyncapi_text(), "utf-8")
