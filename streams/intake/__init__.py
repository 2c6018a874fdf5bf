"""Intake: records become posts that can be counted, or dead letters that say why not."""

from streams.intake.cleaning import Cleaned, clean
from streams.intake.intake import Intake, Record, Taken, arrival_ms
from streams.intake.reasons import REASONS
from streams.intake.settings import IntakeSettings

__all__ = ["REASONS", "Cleaned", "Intake", "IntakeSettings", "Record", "Taken", "arrival_ms", "clean"]
