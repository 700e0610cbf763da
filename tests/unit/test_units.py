"""Quantities are read as people write them."""

import subprocess
import sys

import pytest
from pydantic import BaseModel

from cellctl.unit_table import ATOMS
from cellctl.units import USUAL_UNITS, PerMetre, Seconds, _convert, _convert_by_library, convert, parse


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [("800 ms", "s", 0.8), ("0.01 /m", "1/m", 0.01), ("5 %", "dimensionless", 0.05), (0.25, "dimensionless", 0.25),
     ("20 kHz", "Hz", 20000.0), ("2 %/s", "1/s", 0.02), ("200 g/m2", "g/m2", 200.0), ("1.5m", "m", 1.5)],
)  # fmt: skip
def test_quantities_convert(text, unit, value):
    """The magnitude comes out in the unit asked for."""
    assert convert(text, unit) == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["fast", "3 kPa", "3", True, None, "1 foo", "1 ) s", "1 __import__('os')", "nan s", []]
)
def test_anything_else_is_refused_with_an_example(text):
    """The message shows the right form."""
    with pytest.raises(ValueError, match="expected a time such as '800 ms', got"):
        convert(text, "s")


def test_percent_is_relative():
    """Shares are told from absolute values."""
    assert parse("2 %/s").is_relative
    assert not parse("2 kPa/s").is_relative


def test_stored_settings_read_back_the_same():
    """What is written to JSON carries its unit."""

    class Model(BaseModel):
        wait: Seconds
        rate: PerMetre

    model = Model.model_validate({"wait": "800 ms", "rate": "0.1 /m"})
    assert Model.model_validate(model.model_dump(mode="json")) == model


COMPOSED = (
    "mPa*s",
    "g/m2/µm",
    "ppm/°C",
    "%/°C",
    "m3/h",
    "kg m",
    "1/m",
    "/ m",
    "m^2",
    "m**2",
    "s**-1",
    "g / m2",
    "N/mm2",
)
OTHERWISE = {"rpm", "fps", "rad", "deg"}
"""Turns and frames count one here, and angles are left to the library."""


@pytest.mark.parametrize("unit", sorted({*ATOMS, *USUAL_UNITS, *COMPOSED} - OTHERWISE))
def test_the_table_says_what_the_units_library_says(unit):
    """A unit of the table is what the library takes it for, among all others of its dimension, and of no other."""
    for target in ("m", "kg", "s", "K", "m/s", "1/m", "Hz", "Pa", "N", "W", "V", "A", "g/m2", "m3/s", "dimensionless"):
        found = [_or_none(way, unit, target) for way in (_convert, _convert_by_library)]
        assert found[0] == (found[1] if found[1] is None else pytest.approx(found[1], rel=1e-12)), target


def _or_none(way, unit, target):
    try:
        return way(3.7, unit, target)
    except ValueError:
        return None


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [("5 degC", "°C", 5.0), ("5 ℃", "K", 5.0), ("200 g/m²", "g/m2", 200.0), ("3 μm", "mm", 0.003), ("3 um", "µm", 3.0),
     ("5 ％", "dimensionless", 0.05), ("12 m³/h", "m3/h", 12.0), ("1500 rpm", "Hz", 25.0), ("39 fps", "Hz", 39.0),
     ("14.5 psi", "kPa", 99.97), ("6 degC/min", "°C/s", 0.1)],
)  # fmt: skip
def test_a_unit_is_read_in_each_of_its_spellings(text, unit, value):
    """What keyboards and office programs write for a unit is that unit."""
    assert parse(text).to(unit) == pytest.approx(value, rel=1e-3)


def test_usual_units_need_no_units_library():
    """Loading the library takes half a second, which a check of a cell with usual units does not spend."""
    command = (
        "import sys; from cellctl.units import convert; convert('20 kPa/s', 'bar/min'); print('pint' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_usual_conversion_is_exact():
    """0.2 bar is 20 kPa, and not the next number beside it."""
    assert convert("0.2 bar", "kPa") == 20.0


@pytest.mark.parametrize("written", ["1e308 m", "-1e308 km", "1e307 in"])
def test_a_number_that_its_unit_makes_too_large_is_refused(written: str) -> None:
    """What a float cannot hold once it is converted is no length, and no crash either."""
    with pytest.raises(ValueError, match="expected a length"):
        convert(written, "mm")
    assert convert("1e300 m", "mm") == pytest.approx(1e303)
