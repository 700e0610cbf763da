"""The address of a device: a name or an address that can be one."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from cellctl.devices.host import Host

HOST: TypeAdapter[str] = TypeAdapter(Host)


@pytest.mark.parametrize("written", ["10.0.0.5", "plc-1", "plc.line3.acme", "10-cells", "fe80::1", "fe80::5"])
def test_what_can_be_an_address(written):
    """Taken as it is."""
    assert HOST.validate_python(written) == written


@pytest.mark.parametrize("written", ["10.0.0.999", "10.0.0", "10.0.0.5.6", "300", "plc.1"])
def test_an_address_that_no_device_has(written):
    """Numbers above 255, too few and too many: the slip is found before the device is looked for."""
    with pytest.raises(ValidationError, match="expected four numbers from 0 to 255"):
        HOST.validate_python(written)
