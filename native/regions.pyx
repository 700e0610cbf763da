"""Connected regions of a full-rate block in one pass, with the measures of its sampled lines; the face is
cellctl/kernels/regions.py.

Strategy. The scan (region_scan.pxd) skips what is normal at the pace of memory; what it finds becomes runs, and runs
within reach of each other belong together (region_runs.pxd). Only when the block is over the regions that are kept get
their statistics, written once, where the caller wants them (region_statistics.pxd). Every so many lines the same pass
takes the column sums and measures while the line is in the cache (line_measures.pxd). Bounds and gain have one line for
the whole block or one for each of its lines. What works on runs takes plain pointers: a view is passed as some 200
bytes, which costs more than a run does wherever the compiler keeps the call.
"""

from libc.math cimport NAN
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memset

from line_measures cimport CARRY_EVERY, Lines, add_inside, carry, count_from, differences, keep, squared_steps
from region_runs cimport Run, Runs, add_row, settle
from region_scan cimport STRETCH, BITS, Edges, Row, row_edges
from region_statistics cimport Block, Region, add_to_region, begin_region

REGION_BYTES = sizeof(Region)
RUN_BYTES = sizeof(Run)
SPARE_COLUMNS = STRETCH
WORD_COLUMNS = BITS


cdef void sample_line(const uint8_t[:, ::1] pixels, const uint8_t[:, ::1] lo, const uint8_t[:, ::1] hi, int32_t y,
                      uint8_t saturation, const uint8_t[:, ::1] black, uint8_t[:, ::1] before, int32_t compare,
                      uint16_t[::1] part_sums, uint8_t[::1] part_counts, uint32_t[::1] sums, uint32_t[::1] counts,
                      Lines *lines) noexcept nogil:
    """Take the measures of line y, and keep the line for the next block."""
    cdef int32_t bounds_y = y if lo.shape[0] > 1 else 0
    add_inside(pixels, lo, hi, y, bounds_y, part_sums, part_counts)
    lines.brightness += differences(pixels, y, black, 0)
    lines.saturated += count_from(pixels, y, saturation)
    lines.steps += squared_steps(pixels, y)
    if lines.sampled < compare:
        lines.change += differences(pixels, y, before, lines.sampled)
    keep(pixels, y, before, lines.sampled)
    lines.sampled += 1
    if lines.sampled % CARRY_EVERY == 0:
        carry(part_sums, part_counts, sums, counts)


def collect(const uint8_t[:, ::1] runs, const int32_t[::1] places, int32_t used, int32_t rows, int32_t columns,
            int32_t reach_rows, uint8_t[:, ::1] out):
    """Fill `out` with the regions whose places `find` has left in `places`."""
    cdef int32_t number, place, begun = 0
    cdef Block block
    cdef const Run *run
    cdef Region *region
    cdef bint unknown = False
    block.rows, block.columns, block.reach_rows = rows, columns, reach_rows
    with nogil:
        for number in range(used):
            place = places[number]
            if not 0 <= place < out.shape[0]:
                continue
            run, region = <const Run *> &runs[number, 0], <Region *> &out[place, 0]
            if place == begun:
                begin_region(region, run, &block)
                begun += 1
            add_to_region(region, run, &block)
            unknown |= run.min_contrast > run.max_contrast
        if unknown:
            for place in range(begun):
                region = <Region *> &out[place, 0]
                if region.min_contrast > region.max_contrast:
                    region.min_contrast = region.max_contrast = NAN


def find(const uint8_t[:, ::1] pixels, const uint8_t[:, ::1] lo, const uint8_t[:, ::1] hi, const float[:, ::1] gain,
         int32_t sample_every, uint8_t saturation, int32_t smallest, int32_t reach_rows, int32_t reach_columns,
         uint64_t[::1] words, int32_t[::1] begins, int32_t[::1] places, int64_t[::1] last, uint8_t[:, ::1] run,
         int32_t[::1] parent, int64_t[::1] weight, const uint8_t[:, ::1] black, uint8_t[:, ::1] before,
         int32_t compare, uint16_t[::1] part_sums, uint8_t[::1] part_counts, uint32_t[::1] sums,
         uint32_t[::1] counts, int64_t[::1] out):
    """Fill `run`, `parent`, `sums`, `counts` and `out`; see the face for shapes and sizes."""
    cdef int32_t y, kept
    cdef Row row
    cdef Runs runs
    cdef Edges edges
    cdef Lines sampled
    memset(&sampled, 0, sizeof(sampled))
    edges.words, edges.begins, edges.places = &words[0], &begins[0], &places[0]
    edges.listed = edges.used = 0
    runs.run, runs.parent, runs.last = <Run *> &run[0, 0], &parent[0], &last[0]
    runs.used, runs.room, runs.rows = 0, <int32_t> parent.shape[0], <int32_t> pixels.shape[0]
    runs.reach_rows, runs.reach_columns = reach_rows, reach_columns
    runs.candidates, runs.overflow = 0, False
    row.columns = <int32_t> pixels.shape[1]
    with nogil:
        last[:] = -1
        for y in range(<int32_t> pixels.shape[0]):
            row.y, row.pixels = y, &pixels[y, 0]
            row.lo = &lo[y if lo.shape[0] > 1 else 0, 0]
            row.hi = &hi[y if hi.shape[0] > 1 else 0, 0]
            row.gain = &gain[y if gain.shape[0] > 1 else 0, 0]
            row_edges(&edges, &row)
            add_row(&runs, &row, &edges)
            if y % sample_every == 0:
                sample_line(pixels, lo, hi, y, saturation, black, before, compare, part_sums, part_counts, sums,
                            counts, &sampled)
        carry(part_sums, part_counts, sums, counts)
        kept = settle(&runs, &weight[0], smallest)
    out[0], out[1], out[2], out[3] = runs.candidates, kept, runs.used, runs.overflow
    out[4], out[5], out[6], out[7] = sampled.brightness, sampled.saturated, sampled.steps, sampled.change
    out[8] = sampled.sampled
