"""The oven: the computed profile of the reference line, signs of what changes it, solvent in the exhaust."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.plant.constants import RECIPE_ZONE_T_C, TICK_S, ZONES
from cellsim.plant.drying import Drying, Outcome
from cellsim.plant.oven import RECIPE_ALPHA, Oven, lel_percent
from cellsim.plant.setpoints import Setpoints

WET_G_M2 = 200.0 * 0.3 / 0.7
AIR = np.array(RECIPE_ZONE_T_C)
ALPHA = np.full(ZONES, RECIPE_ALPHA)


def settled(
    speed: float = 1.0, *, air: np.ndarray = AIR, alpha: np.ndarray = ALPHA, dry: float = 200.0, wet: float = WET_G_M2
) -> Outcome:
    """What leaves the oven after all of its web has been replaced under these conditions."""
    drying = Drying(1.0)
    moved = speed * TICK_S * 1000.0
    for _ in range(round(63_000 / moved)):
        drying.tick(TICK_S, air, alpha, moved, [(dry, wet)])
    return drying.outcome()


def warmer(zone: int) -> np.ndarray:
    air = AIR.copy()
    air[zone] += 5.0
    return air


def test_rates_of_the_zones() -> None:
    """At 1 m/s the zones evaporate 0.33, 1.15, 1.93 … 0.04 g/(m²·s)."""
    expected = [0.33, 1.15, 1.93, 2.43, 2.82, 3.00, 1.74, 0.63, 0.17, 0.04]
    np.testing.assert_allclose(Drying(1.0).zone_rate, expected, atol=0.025)


def test_web_temperatures() -> None:
    """The web leaves the zones at 68, 85, 93 … 86 °C."""
    expected = [68, 85, 93, 96, 99, 104, 112, 112, 105, 86]
    np.testing.assert_allclose(Drying(1.0).web_c(), expected, atol=1.0)


@pytest.mark.parametrize(("speed", "percent"), [(0.75, 0.004), (1.0, 0.17), (1.1, 0.46), (1.2, 0.97), (1.333, 2.07)])
def test_residual_over_speed(speed: float, percent: float) -> None:
    """The line is limited by drying: the residual solvent rises steeply with speed (within 10 % of the reference)."""
    assert 100 * Drying(speed).outcome().residual == pytest.approx(percent, rel=0.10, abs=0.002)


def test_speed_while_running_is_the_same_as_a_steady_line() -> None:
    """A line that goes faster ends where a line that always was faster is."""
    assert settled(1.2).residual == pytest.approx(Drying(1.2).outcome().residual, rel=0.02)


def test_half_the_step_changes_little() -> None:
    """A step of 0.5 s is fine enough: with 0.1 s the residual is within 5 %."""
    drying = Drying(1.0)
    coarse = drying.outcome().residual
    for _ in range(700):
        drying.tick(0.1, AIR, ALPHA, 100.0, [(200.0, WET_G_M2)])
    assert drying.outcome().residual == pytest.approx(coarse, rel=0.05)


@pytest.mark.parametrize("zone", range(ZONES))
def test_any_warmer_zone_dries_more(zone: int) -> None:
    """+5 °C in any one zone lowers the residual."""
    assert settled(air=warmer(zone)).residual < settled().residual


def test_sensitivities_of_the_residual() -> None:
    """At α = 55: +5 °C by zone, loading +1 %, solids -0.5 pt, α and v +2 % move the residual as computed, g/m²."""
    alpha = np.full(ZONES, 55.0)
    base = 200 * settled(alpha=alpha).residual
    found = [200 * settled(air=warmer(zone), alpha=alpha).residual - base for zone in range(ZONES)]
    found += [
        202 * settled(alpha=alpha, dry=202.0, wet=1.01 * WET_G_M2).residual - base,
        200 * settled(alpha=alpha, wet=200.0 * 0.305 / 0.695).residual - base,
        200 * settled(alpha=1.02 * alpha).residual - base,
        200 * settled(1.02, alpha=alpha).residual - base,
    ]
    by_zone = [-0.05, -0.09, -0.11, -0.12, -0.13, -0.13, -0.15, -0.16, -0.13, -0.06]
    np.testing.assert_allclose(found, [*by_zone, 0.09, 0.15, -0.15, 0.17], atol=0.012)


def test_signs_of_loading_solids_and_air() -> None:
    """More film or more solvent leaves more solvent, more air leaves less."""
    base = settled().residual
    assert settled(dry=202.0, wet=1.01 * WET_G_M2).residual > base
    assert settled(wet=200.0 * 0.305 / 0.695).residual > base
    assert settled(alpha=1.02 * ALPHA).residual < base


def test_early_zones_move_the_early_rate() -> None:
    """Zones 1-3 move the dry rate that the material saw there, and hardly that of zones 4-6; and vice versa."""
    base = settled()
    early = settled(air=warmer(0) + warmer(1) + warmer(2) - 2 * AIR)
    mid = settled(air=warmer(3) + warmer(4) + warmer(5) - 2 * AIR)
    assert early.early_g / base.early_g > 1.10
    assert abs(early.mid_g / base.mid_g - 1) < 0.03
    assert mid.mid_g / base.mid_g > 1.05
    assert mid.early_g == pytest.approx(base.early_g)


def test_fast_drying_costs_adhesion_and_cracks() -> None:
    """Hotter middle zones migrate binder and raise the crack index; a thicker film raises it too."""
    base = settled()
    hot = settled(air=AIR + np.array([0, 0, 0, 10, 10, 10, 0, 0, 0, 0]))
    assert hot.adhesion < base.adhesion <= 1.0
    assert hot.crack_index > base.crack_index
    assert settled(dry=210.0, wet=1.05 * WET_G_M2).crack_index > base.crack_index


def test_exhaust_that_just_holds_a_quarter_of_the_limit() -> None:
    """51 g/s of NMP in 14 000 m³/h are 25 % of the lower explosive limit (13.2 g/m³)."""
    assert lel_percent(51.0, 14_000.0) == pytest.approx(25.0, abs=0.2)


def test_slow_fans_raise_the_solvent_in_the_exhaust() -> None:
    """With 30 % of fan speed the same solvent meets half of the air."""
    oven = Oven()
    oven.breathe(1.42)
    before = oven.lel
    for _ in range(60):
        oven.tick(Setpoints.recipe()._replace(zone_fan=(30.0,) * ZONES))
    oven.breathe(1.42)
    assert oven.lel == pytest.approx(2 * before, rel=0.01)


def test_air_waits_ramps_and_couples() -> None:
    """A step of 3 °C waits 5 s, is ramped at 3 °C/min, followed in 90 s, and reaches the neighbour a little."""
    oven = Oven()
    zone_t = list(RECIPE_ZONE_T_C)
    zone_t[4] += 3.0
    asked = Setpoints.recipe()._replace(zone_t=tuple(zone_t))
    moved = []
    for _ in range(1800):
        oven.tick(asked)
        moved.append(float(oven.air_c[4] - RECIPE_ZONE_T_C[4]))
    assert max(moved[:10]) == 0.0
    assert moved[round(65 / TICK_S)] < 1.2
    assert moved[-1] == pytest.approx(3.0 / (1 - 2 * 0.07**2), abs=0.05)
    assert 0.15 < oven.air_c[3] - RECIPE_ZONE_T_C[3] < 0.30


def test_air_comes_back_to_the_recipe() -> None:
    """After a change is taken back the air returns, and then rests."""
    oven = Oven()
    for _ in range(200):
        oven.tick(Setpoints.recipe()._replace(zone_t=tuple(t + 2 for t in RECIPE_ZONE_T_C)))
    assert oven.air_c[0] > 80.5
    for _ in range(6000):
        oven.tick(Setpoints.recipe())
    np.testing.assert_allclose(oven.air_c, AIR, atol=1e-4)


def test_fan_changes_heat_transfer_by_its_power() -> None:
    """α follows the fan's speed to the power 0.7, within a few time constants of 3 s."""
    oven = Oven()
    for _ in range(60):
        oven.tick(Setpoints.recipe()._replace(zone_fan=(66.0,) * ZONES))
    np.testing.assert_allclose(oven.alpha, 60.0 * 1.1**0.7, rtol=1e-3)
