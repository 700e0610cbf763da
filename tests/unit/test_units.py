"""Quantities are read as people write them."""

import pytest
from pydantic import BaseModel

from cellctl.units import PerMetre, Seconds, convert, parse


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
