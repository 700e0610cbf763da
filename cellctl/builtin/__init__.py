"""The plugins that ship: thin, settings, ports and handlers."""
