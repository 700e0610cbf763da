"""Modbus TCP the other way round: other systems read what the cell knows, and nobody writes."""
