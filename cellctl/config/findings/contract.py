"""What a contract promises and the configured devices, plugins and disk cannot keep; and who has not signed it."""

from __future__ import annotations

from cellctl.config.findings.amount import amount
from cellctl.config.findings.scene import Scene
from cellctl.config.resolved.contract import ROLES, Contract
from cellctl.config.source.nearest import listed, nearest

LEAST_VIBRATION_HZ = 10_000.0
"""Below it, chatter and the velocity of a roll are not measured faithfully."""
PER_EDGE = 2.56
"""Sampling rate over the highest usable frequency, as analysers have it: Nyquist and room for the filter."""
UPLINK = "mqtt-tls1.3"
DAY_S = 86_400.0
LEAST_DAYS = 90.0
"""Images of defects are kept for so long at least."""
COVERED = 0.98
"""Share of the web that the frames must show: contracted rates are rounded figures."""
ROUNDING = 1.0 - 1e-9


def check_contract(scene: Scene) -> None:
    """Report what of the contract cannot be kept, or is no contract yet."""
    contract = scene.cell.contract
    if contract is None:
        return
    _vibration(scene, contract)
    _frame_rates(scene, contract)
    _images(scene, contract)
    _storage(scene, contract)
    if contract.uplink != UPLINK:
        scene.report("CELL-1105", ("contract", "uplink"), "expected {wanted}, got {got!r}",
                     "data leave a cell only encrypted, and to whom the certificate names", wanted=UPLINK,
                     got=contract.uplink)  # fmt: skip
    for role in ROLES:
        if role not in contract.signatures:
            scene.report("CELL-1107", ("contract", "signatures"), "{role} has not signed",
                         "add `{role}: {{name: …, date: …}}` when it has agreed", key=True, role=role)  # fmt: skip


def _vibration(scene: Scene, contract: Contract) -> None:
    """A waveform device samples fast enough for what it is there for."""
    for device in scene.devices.values():
        if not device.is_waveform:
            continue
        loc, rate_hz = ("devices", device.name, "rate"), device.rate_hz
        if not contract.vibration_hz:
            scene.report("CELL-1100", ("contract",), "the sampling rate of {device} is not promised",
                         "add `vibration: {rate:g} kHz`", key=True, device=device.name,
                         rate=max(rate_hz, LEAST_VIBRATION_HZ) / 1000)  # fmt: skip
        if 0.0 < rate_hz < LEAST_VIBRATION_HZ * ROUNDING:
            scene.report("CELL-1101", loc, "{rate:g} kHz is less than {least:g} kHz, which vibration needs",
                         "sample faster: usable up to rate / 2.56", rate=rate_hz / 1000,
                         least=LEAST_VIBRATION_HZ / 1000)  # fmt: skip
        edge_hz = contract.envelope_band_hz
        if 0.0 < rate_hz < PER_EDGE * edge_hz * ROUNDING:
            scene.report("CELL-1102", loc,
                         "{rate:g} kHz is good up to {usable:.3g} kHz; the envelope's band goes to {edge:g} kHz",
                         "sample with at least {least:g} kHz, or lower contract.envelope_band",
                         rate=rate_hz / 1000, usable=rate_hz / PER_EDGE / 1000, edge=edge_hz / 1000,
                         least=PER_EDGE * edge_hz / 1000)  # fmt: skip
        if 0.0 < rate_hz < contract.vibration_hz * ROUNDING:
            scene.report("CELL-1103", loc, "{rate:g} kHz is less than the contracted {least:g} kHz",
                         "sample faster, or agree on another contract.vibration", rate=rate_hz / 1000,
                         least=contract.vibration_hz / 1000)  # fmt: skip


def _frame_rates(scene: Scene, contract: Contract) -> None:
    """Every contracted camera exists, and its frames cover the web at the recipe's speed."""
    cameras = {name: it for name, it in scene.devices.items() if "Frame" in it.gives}
    for name, rate_hz in contract.frame_rate_hz.items():
        loc, camera = ("contract", "frame_rate", name), cameras.get(name)
        if camera is None:
            scene.report("CELL-1108", loc, "expected a camera, got {name!r}", "cameras are: {known}", key=True,
                         nearest=nearest(name, cameras), name=name, known=listed(cameras))  # fmt: skip
            continue
        if 0.0 < camera.rate_hz < rate_hz * ROUNDING:
            scene.report("CELL-1103", ("devices", name), "{rate:g} Hz is less than the contracted {least:g} Hz",
                         "make the camera faster, or agree on another rate", key=True, rate=camera.rate_hz,
                         least=rate_hz)  # fmt: skip
        recipes = (scene.cell.recipe, *(it.recipe for it in scene.cell.products))
        speed = max(it.web_speed_m_s for it in recipes)  # the contract holds for whatever is made
        if camera.frame_m and speed and rate_hz * camera.frame_m < COVERED * speed:
            scene.report("CELL-1109", loc, "{rate:g} frames of {length:g} mm a second see {seen:.3g} m of the "
                         "{speed:g} m that pass",
                         "contract at least {least:.4g} Hz, or make the frames longer", rate=rate_hz,
                         length=1000 * camera.frame_m, seen=rate_hz * camera.frame_m, speed=speed,
                         least=speed / camera.frame_m)  # fmt: skip
    for name in sorted(cameras.keys() - contract.frame_rate_hz.keys()):
        scene.report("CELL-1100", ("contract",), "the frame rate of {device} is not promised",
                     "add `{device}: … Hz` under contract.frame_rate", key=True, device=name)  # fmt: skip


def _images(scene: Scene, contract: Contract) -> None:
    """Images are kept long enough, and the whole frames that are promised are really sent."""
    days = contract.keep_s / DAY_S
    if days < LEAST_DAYS * ROUNDING:
        scene.report("CELL-1106", ("contract", "images", "keep"),
                     "{days:g} days are less than {least:g}: a complaint about a cell comes later",
                     "keep them {least:g} d", days=days, least=LEAST_DAYS)  # fmt: skip
    if contract.every and not any(0 < it.keeps_every <= contract.every for it in scene.plugins.values()):
        scene.report("CELL-1110", ("contract", "images", "every"),
                     "no plugin keeps every {every}th whole frame", "add `keep_every: {every}` to the inspector",
                     every=contract.every)  # fmt: skip


def _storage(scene: Scene, contract: Contract) -> None:
    """What is kept over the contracted time fits on the disk that runs are written to."""
    storage, free = scene.storage, scene.around.free_bytes
    if storage is not None and storage.needed_bytes > free:
        scene.report("CELL-1104", ("contract", "images", "keep"),
                     "{days:g} days need {needed} ({basis}), and {place} has {free} free",
                     "see `cellctl retention {file}`: keep fewer images, or mount a larger disk there",
                     days=contract.keep_s / DAY_S, needed=amount(storage.needed_bytes), basis=storage.basis,
                     place=scene.around.place, free=amount(free), file=scene.document.file)  # fmt: skip
