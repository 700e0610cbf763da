"""Small runs for the tests of reports: written by the recorder itself, so that they look like any other."""

import base64
import re
from html.parser import HTMLParser

from cellctl.evidence import LEDGER_FILE, FileStore, RecordKind
from cellctl.evidence.canonical import plain
from cellctl.evidence.ledger import Ledger
from cellctl.evidence.record import Entry
from cellctl.model import Advice, AdviceState, Ne107, Quality, Reading, Side, Stamp, TagValue
from cellctl.report.html import to_html
from cellctl.report.run_record import read_run
from cellctl.report.run_report import run_report
from cellctl.report.shadow import shadow_report
from tests.unit.evidence.builders import MS, TAG, make_correction, make_inspection, reseal, start_recorder


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.sources, self.tags, self.words = [], [], [], [], []
        self.attributes = set()
        self.alts = []
        self._silent = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Note what the tag names."""
        values = dict(attrs)
        self.tags.append(tag)
        self.attributes |= values.keys()
        self._silent = tag == "style"
        self.ids += [values["id"]] if "id" in values else []
        if tag == "a":
            self.links.append(values["href"])
        if tag == "img":
            self.sources.append(values["src"])
            self.alts.append(values["alt"])

    def handle_endtag(self, tag):
        """Words go on after a style."""
        self._silent = self._silent and tag != "style"

    def handle_data(self, data):
        """Note the words."""
        if not self._silent:
            self.words.append(data)

    @property
    def text(self):
        """All words, with single spaces."""
        return re.sub(r"\s+", " ", " ".join(self.words))

    def images(self, kind):
        """The embedded images of one kind, decoded."""
        head = f"data:image/{kind};base64,"
        return [base64.b64decode(it.removeprefix(head)) for it in self.sources if it.startswith(head)]


def report_of(folder, say=str):
    """The HTML of a run's report."""
    return to_html(run_report(read_run(folder), say), say)


def shadow_of(folder, say=str):
    """The HTML of a run's shadow report."""
    return to_html(shadow_report(read_run(folder), say), say)


def reading(t_ns, encoder_mm, setpoint=20.0):
    """What a bus says after a poll."""
    values = (("plc.encoder_pos", encoder_mm, "mm"), ("plc.web_speed", 1e6, "µm/s"), (TAG, setpoint, "kPa"))
    tags = tuple(TagValue(tag, value, unit, Quality.GOOD, Ne107.OK, t_ns) for tag, value, unit in values)
    return Reading(stamp=Stamp(t_ns), device="plc", values=tags)


def quiet_run(folder, *, close=True, frames=200):
    """Frames on which nothing was seen, and the encoder; no correction."""
    harness = start_recorder(FileStore(folder))
    for frame in range(frames):
        harness.feed("inspections", make_inspection(frame))
        if frame % 50 == 49:
            harness.feed("readings", reading(frame * 25 * MS, frame * 25.0))
            harness.clock.advance(6.0)
            harness.tick()
    harness.close()
    if not close:
        reseal(folder / LEDGER_FILE, lambda old: None if old.kind == RecordKind.RUN_CLOSED else old.body)


def make_advice(state=AdviceState.OPEN, number=1, **changes):
    """A move that nobody made."""
    correction = make_correction()
    given = {
        "stamp": Stamp(500 * MS), "transaction": f"edge_spur-left-{number}", "loop": "edge_spur",
        "defect": "coat_edge_spur", "side": Side.LEFT, "level": "shadow", "limited_by": "", "state": state,
        "reason": "nothing was moved", "rule": "step up", "evidence": correction.evidence, "tag": TAG, "unit": "kPa",
        "old": 20.0, "proposed": 21.0, "rate_per_m": 0.4, "gain": 0.9, "side_effects": {"streak": 1.15},
        "drift_share": 0.33, "due_ns": 0, "curve": correction.curve if state is not AdviceState.OPEN else (),
    }  # fmt: skip
    return Advice(**{**given, **changes})


def append(folder, kind, *bodies):
    """Records behind the last one, as another version of the recorder might write them."""
    ledger = Ledger(folder / "ledger.jsonl")
    ledger.append([Entry(str(kind), 9_000_000_000, "2000-01-01T00:00:09.000+00:00", plain(body)) for body in bodies])
    ledger.close()


def shadow_run(folder, *states):
    """A run whose loop advised once for each state, and the answer came later."""
    quiet_run(folder, close=False)
    bodies = []
    for number, state in enumerate(states, 1):
        bodies += [make_advice(number=number), make_advice(state, number=number, stamp=Stamp(900 * MS))]
    append(folder, RecordKind.ADVICE, *bodies)
