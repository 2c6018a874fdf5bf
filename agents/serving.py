"""Brings a worker up in order: settings, author key, broker and topics, model; then the application until told to stop."""

import asyncio
import logging
import signal

import faust

from agents.adapters import metrics
from agents.app import Agents, make_app
from agents.runtime import Runtime
from agents.settings import Settings
from streams.intake import Intake

log = logging.getLogger(__name__)


def serve(settings: Settings) -> int:
    """Run a worker until SIGTERM or SIGINT and return its exit status."""
    raise NotImplementedError
