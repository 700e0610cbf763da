"""Brings a cell file of an older version up to the newest: only what must change, every other byte as it was."""

from cellctl.config.migrate.steps import NEWEST, STEPS, Migrated, migrate

__all__ = ["NEWEST", "STEPS", "Migrated", "migrate"]
