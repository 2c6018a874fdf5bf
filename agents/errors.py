"""Faults that a person can do something about: each ends a command with one line that says what."""


class RedianError(Exception):
    """Base of these; its text is the line that is shown."""


class SettingsError(RedianError):
    """A setting is unknown or out of range."""


class BrokerUnavailable(RedianError):
    """No broker answers where the settings say."""


class PortInUse(RedianError):
    """An address that a server needs is taken."""
