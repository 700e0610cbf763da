"""The report of a run as people get it: one file, complete, harmless, and honest about what is wrong with the run."""

import re
from typing import Any

import pytest

from cellctl.errors import ConfigError
from cellctl.evidence import LEDGER_FILE
from cellctl.model import Escalation, Interval, Label, Side, Stamp
from cellctl.report.document import Cell, Document, Facts, Lines, Look, Paragraph, Section
from cellctl.report.html import to_html
from cellctl.report.run_record import read_run
from cellctl.report.section_top import five_lines
from tests.unit.evidence.builders import make_image, make_run, reseal
from tests.unit.report.builders import Page, append, quiet_run, report_of

HOSTILE = "<script>alert('lot')</script>\"><img src=x>"


@pytest.fixture
def run(tmp_path):
    """A good run with one correction."""
    return make_run(tmp_path / "run")


def test_the_report_needs_nothing_else(run):
    """No script, no style outside the one sheet, no address but those inside the file."""
    page = Page(report_of(run))
    assert not {"script", "iframe", "object", "embed"} & set(page.tags)
    assert page.tags.count("style") == 1
    assert not {it for it in page.attributes if it == "style" or it.startswith("on")}
    assert all(it.startswith("data:") for it in page.sources)
    assert all(it.startswith("#") for it in page.links)


def test_every_link_leads_somewhere_and_no_id_comes_twice(run):
    """The table of contents and the links between corrections name sections that are there."""
    page = Page(report_of(run))
    assert len(set(page.ids)) == len(page.ids)
    assert {it[1:] for it in page.links} <= set(page.ids)
    assert len(page.links) > 5


def test_a_link_to_a_section_that_is_not_there_is_plain_words():
    """What was left out is not linked to."""
    section = Section("here", "Here", (Facts((("a", Cell("there", link="there")), ("b", Cell("here", link="here")))),))
    page = Page(to_html(Document("t", Facts(()), (), (section,)), str))
    assert page.links == ["#here", "#here"]  # contents, and the second cell
    assert "there" in page.text


def test_what_happened_is_five_lines(run):
    """Run, seen, done, people, evidence."""
    page = report_of(run)
    summary = page[page.index('<section id="summary"') : page.index('<section id="rates"')]
    assert re.findall(r"<dt>(\w+)</dt>", summary) == ["Run", "Seen", "Done", "People", "Evidence"]


def test_a_correction_has_a_page_with_all_that_proves_it(run):
    """Metres, lot, intent, register bytes, value in force, protected class, the test's curve and the object's image."""
    text = report_of(run)
    page = Page(text[text.index('<section id="correction-1"') :])
    for words in ("edge_spur-left-1", "LOT-1", "12.0 m", "record 0 of journal-plc.jsonl", "0834", "in force 21 kPa",
                  "streak", "2 in 40.0 m", "it helped"):  # fmt: skip
        assert words in page.text or any(words in image.decode() for image in page.images("svg+xml")), words
    (png,) = page.images("png")
    assert png == (run / "images" / f"{make_image().hash}.png").read_bytes()


def test_what_a_move_put_in_force_is_not_what_its_release_left(run):
    """After the way back the set-point is at 20 kPa: the move itself had 21 kPa in force, and both are said."""
    reseal(run / LEDGER_FILE, lambda old: {**old.body, "written": 20.0, "in_force": 20.0}
           if old.kind == "correction" else old.body)  # fmt: skip
    assert "written 21 kPa, in force 21 kPa, later 20 kPa" in Page(report_of(run)).text


def test_a_move_that_stayed_says_nothing_of_later(run):
    """The control of the test above."""
    text = Page(report_of(run)).text
    assert "written 21 kPa, in force 21 kPa" in text
    assert ", later" not in text


def test_questions_of_one_kind_are_one_line(tmp_path):
    """Forty times the same doubt is one row with its count, the first and the last; another doubt has its own."""
    quiet_run(tmp_path)
    asked = [Escalation(stamp=Stamp(number), id=f"ESC-edge-left-{number}", defect="edge", side=Side.LEFT,
                        reason=f"reason {number}", question="Is it one?", objects=(f"o{number}",))
             for number in range(1, 41)]  # fmt: skip
    asked.append(Escalation(stamp=Stamp(50), id="ESC-edge-right-1", defect="edge", side=Side.RIGHT, reason="once",
                            question="Is it one?", objects=("p",)))  # fmt: skip
    append(tmp_path, "escalation", *asked)
    append(tmp_path, "label", Label(stamp=Stamp(60), escalation="ESC-edge-left-7", object_id="o7", label="streak",
                                    by="J. Meyer", note=""))  # fmt: skip
    text = Page(report_of(tmp_path)).text
    assert re.search(r"ESC-edge-left-1 … ESC-edge-left-40 40 .* Is it one\? reason 40 40 1 streak – J\. Meyer", text)
    assert re.search(r"ESC-edge-right-1 1 .* Is it one\? once 1 0 none", text)
    assert "reason 39" not in text


def test_every_image_is_said_in_words(run):
    """Who cannot see a chart is told what it shows."""
    page = Page(report_of(run))
    assert len(page.alts) >= 4
    assert all(len(it) > 10 for it in page.alts)


def test_the_same_run_gives_the_same_bytes(run):
    """Nothing of the machine, the time of day or chance is in it."""
    assert report_of(run) == report_of(run)


def test_what_the_record_says_is_never_markup(run):
    """A lot that is called like a script is shown, not run."""
    reseal(run / LEDGER_FILE, lambda old: {**old.body, "lot": HOSTILE} if "lot" in old.body else old.body)
    text = report_of(run)
    assert "<script>alert" not in text
    assert HOSTILE in Page(text).text


def test_a_changed_record_is_said_first(run):
    """The report is written, and says before anything else that the evidence does not hold."""
    ledger = run / LEDGER_FILE
    data = ledger.read_bytes()
    ledger.write_bytes(data.replace(b'"confidence":0.97', b'"confidence":0.98', 1))
    text = report_of(run)
    assert "does NOT hold" in text[: text.index("<nav")]
    assert "DOES NOT HOLD" in text


def test_a_good_run_says_nothing_of_the_kind(run):
    """The control of the test above."""
    assert "NOT HOLD" not in report_of(run).upper()


def test_a_ledger_that_is_no_ledger_still_gets_a_report(tmp_path):
    """With nothing readable the report says so, and what the check found."""
    (tmp_path / LEDGER_FILE).write_bytes(b"no ledger\n")
    page = Page(report_of(tmp_path))
    assert "configuration on record cannot be read" in page.text
    assert "does NOT hold" in page.text


def test_a_damaged_image_is_left_out_and_said(run):
    """A picture that is not the one that was stored would prove nothing."""
    (run / "images" / f"{make_image().hash}.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    page = Page(report_of(run))
    assert not page.images("png")
    assert "missing, damaged" in page.text


def test_a_run_that_was_never_closed_says_so_first(tmp_path):
    """It goes on, or it crashed."""
    quiet_run(tmp_path, close=False)
    text = report_of(tmp_path)
    assert "never closed" in text[: text.index("<nav")]


def test_a_closed_run_does_not_say_that_it_is_open(tmp_path):
    """The control of the test above."""
    quiet_run(tmp_path)
    assert "never closed" not in report_of(tmp_path)


def test_a_run_without_a_correction_says_so(tmp_path):
    """Empty parts are said in words, not drawn as empty charts."""
    quiet_run(tmp_path)
    page = Page(report_of(tmp_path))
    assert "No correction was made" in page.text
    assert "No object was seen" in page.text
    assert not any(it.startswith("correction") and it != "corrections" for it in page.ids)


def test_lots_are_told_with_what_was_seen_in_them(tmp_path):
    """By metres: the object at 12 m lies in the second lot; a splice is named."""
    run = make_run(tmp_path)
    common: Any = {"product": "NMC-200", "reason": "the lot changed"}
    append(run, "interval",
           Interval(stamp=Stamp(1), from_mm=0.0, to_mm=10_000.0, lot="LOT-7", splice=False, **common),
           Interval(stamp=Stamp(2), from_mm=10_000.0, to_mm=12_500.0, lot="LOT-8", splice=True, **common))  # fmt: skip
    text = Page(report_of(run)).text
    assert "0.0 m – 10.0 m 10.0 m LOT-7 NMC-200 0 0 the lot changed" in text
    assert "10.0 m – 12.5 m 2.5 m LOT-8 (splice) NMC-200 1 0.4 the lot changed" in text
    assert "NMC-200 · LOT-7; NMC-200 · LOT-8" in text


def test_a_ledger_without_intervals_has_no_such_part(tmp_path):
    """The control of the test above."""
    quiet_run(tmp_path)
    assert "material" not in Page(report_of(tmp_path)).ids


def test_a_record_of_a_form_that_is_not_known_is_counted(tmp_path):
    """A newer recorder's records are not guessed at."""
    quiet_run(tmp_path, close=False)
    append(tmp_path, "alarm", {"of": "another version"})
    assert read_run(tmp_path).unreadable == 1
    assert "not shown: 1" in report_of(tmp_path)


def test_a_folder_without_a_ledger_is_refused(tmp_path):
    """There is nothing to report of."""
    with pytest.raises(ConfigError, match="CELL-1090"):
        read_run(tmp_path)


def test_words_can_be_said_in_another_language(run):
    """Every word of the report goes through the translation; data does not."""
    text = report_of(run, say=lambda template: template.upper() if "{" not in template else template)
    page = Page(text)
    assert "WHAT HAPPENED" in page.text
    assert "What happened" not in page.text
    assert "edge_spur-left-1" in page.text


def test_a_paragraph_that_asks_for_attention_is_marked():
    """By a class that the style sheet draws with a bar: paper is grey."""
    section = Section("a", "A", (Paragraph("look", look=Look.ATTENTION), Paragraph("calm")))
    text = to_html(Document("t", Facts(()), (), (section,)), str)
    assert '<p class="attention">look</p>' in text
    assert '<p class="plain">calm</p>' in text


@pytest.mark.parametrize("wild", ["NaN", "Infinity", 1e300, -(10**18)])
@pytest.mark.parametrize(
    ("kind", "field"),
    [("correction", "verify_from_mm"), ("correction", "first_in_force_ns"), ("object", "judged_ns"),
     ("result", "encoder_mm"), ("result", "in_force"), ("result", "proposed"), ("coverage", "to_mm"),
     ("coverage", "inspected_m")],
)  # fmt: skip
def test_a_number_that_no_chart_can_show_stops_no_report(run, kind, field, wild):
    """A forger may write what he likes: the report is written and says that the evidence does not hold."""
    reseal(run / LEDGER_FILE, lambda old: {**old.body, field: wild} if old.kind == kind else old.body)
    assert "What happened" in report_of(run)


def test_a_configuration_with_numbers_that_cannot_be_is_not_read(run):
    """The report says so and shows the rest."""

    def forge(old: Any) -> Any:
        if old.kind != "run_opened":
            return old.body
        config = {**old.body["config"], "guard": {**old.body["config"]["guard"], "proposal_age_s": "Infinity"}}
        return {**old.body, "config": config}

    reseal(run / LEDGER_FILE, forge)
    assert "configuration on record cannot be read" in Page(report_of(run)).text


def test_a_run_that_saw_nothing_does_not_look_like_one_without_faults(tmp_path):
    """No frame was judged: the first line asks for attention, and nobody says that no rate rose."""
    quiet_run(tmp_path / "blind", frames=0)
    quiet_run(tmp_path / "seen")
    tables = [five_lines(read_run(tmp_path / name)).blocks[0] for name in ("blind", "seen")]
    blind, seen = (table.rows for table in tables if isinstance(table, Lines))
    assert [rows[0][1].look for rows in (blind, seen)] == [Look.ATTENTION, Look.PLAIN]
    assert "no rate called" not in report_of(tmp_path / "blind")


def test_what_happened_comes_before_the_contents(run):
    """Who opens the page reads that first, without scrolling."""
    page = report_of(run)
    assert page.index('<section id="summary"') < page.index("<nav") < page.index('<section id="rates"')


def test_a_run_of_files_in_virtual_time_says_so(tmp_path):
    """No world is on record, and its clock began where virtual time begins: no plant was simulated."""
    quiet_run(tmp_path)
    text = Page(report_of(tmp_path)).text
    assert "made of files, in virtual time" in text
    assert "simulated plant" not in text


def test_a_run_by_the_clock_on_the_wall_says_nothing_of_virtual_time(tmp_path):
    """The control of the test above: the same clock, another day."""
    quiet_run(tmp_path)
    run = read_run(tmp_path)
    assert run.wall is not None
    run.wall = run.wall.replace(year=2026)
    assert not run.is_virtual
