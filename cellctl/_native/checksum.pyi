from typing import Any

has_hardware: bool

def crc32c(data: Any, value: int, portable: bool) -> int: ...
