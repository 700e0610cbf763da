"""Connected regions of a full-rate block in one pass, with the measures of its sampled lines; the face is
cellctl/kernels/regions.py.

Strategy. The scan (region_scan.pxd) skips what is normal at the pace of memory; what it finds becomes runs, and runs
within reach of each other become regions (region_labels.pxd). Every so many lines the same pass takes the column sums
and measures while the line is in the cache (line_measures.pxd). Bounds and gain have one line for the whole block or
one for each of its lines. What works on runs takes plain pointers: a view is passed as some 200 bytes, which costs more
than a run does wherever the compiler keeps the call.
"""

from libc.math cimport NAN
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memset

from line_measures cimport CARRY_EVERY, Lines, add_inside, carry, count_from, differences, keep, squared_steps
from region_labels cimport BOTTOM, TOP, Labels, Region, label_run
from region_scan cimport BITS, STRETCH, Row, Run, any_leaves, as_bits, mark, take_run

REGION_BYTES = sizeof(Region)


cdef void label_stretch(Labels *labels, const Row *row, int32_t begin, int32_t length) noexcept nogil:
    """Find and label the runs of one stretch."""
    cdef uint8_t marks[STRETCH]
    cdef uint64_t bits
    cdef int32_t x = 0
    cdef Run run
    memset(marks, 0, STRETCH)
    mark(row, begin, length, marks)
    while x < length:
        bits = as_bits(marks + x)
        while bits:
            bits = take_run(bits, begin + x, &run)
            label_run(labels, row, &run)
        x += BITS


cdef inline void label_row(Labels *labels, const Row *row) noexcept nogil:
    """Find and label the runs of a row; only a stretch of the usual length is scanned in a loop of fixed length."""
    cdef int32_t begin = 0
    while begin + STRETCH <= row.columns:
        if any_leaves(row, begin, STRETCH):
            label_stretch(labels, row, begin, STRETCH)
        begin += STRETCH
    if begin < row.columns and any_leaves(row, begin, row.columns - begin):
        label_stretch(labels, row, begin, row.columns - begin)


cdef inline bint is_kept(int32_t parent, int32_t label, const Region *region, int32_t smallest) noexcept nogil:
    """Whether a label is a region of its own that is large enough, or reaches into the next or previous block."""
    return parent == label and (region.area >= smallest or region.borders & (TOP | BOTTOM))


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


def collect(const int32_t[::1] parent, const uint8_t[:, ::1] work, int32_t labels, int32_t smallest,
            uint8_t[:, ::1] out):
    """Fill `out` with the first regions kept, in order of discovery."""
    cdef int32_t label
    cdef Py_ssize_t number = 0
    cdef const Region *region
    cdef Region *copy
    with nogil:
        for label in range(labels):
            if number == out.shape[0]:
                break
            region = <const Region *> &work[label, 0]
            if is_kept(parent[label], label, region, smallest):
                copy = <Region *> &out[number, 0]
                copy[0] = region[0]
                if copy.min_contrast > copy.max_contrast:
                    copy.min_contrast = copy.max_contrast = NAN
                number += 1


def find(const uint8_t[:, ::1] pixels, const uint8_t[:, ::1] lo, const uint8_t[:, ::1] hi, const float[:, ::1] gain,
         int32_t sample_every, uint8_t saturation, int32_t smallest, int32_t reach_rows, int32_t reach_columns,
         int64_t[::1] last, int32_t[::1] parent, uint8_t[:, ::1] work, const uint8_t[:, ::1] black,
         uint8_t[:, ::1] before, int32_t compare, uint16_t[::1] part_sums, uint8_t[::1] part_counts,
         uint32_t[::1] sums, uint32_t[::1] counts, int64_t[::1] lines, int64_t[::1] count):
    """Fill `parent`, `work`, `sums`, `counts`, `lines` and `count`; see the face for shapes and sizes."""
    cdef int32_t y, number, kept = 0
    cdef Row row
    cdef Labels labels
    cdef Lines sampled
    memset(&sampled, 0, sizeof(sampled))
    labels.last, labels.parent, labels.work = &last[0], &parent[0], <Region *> &work[0, 0]
    labels.used, labels.room, labels.rows = 0, <int32_t> parent.shape[0], <int32_t> pixels.shape[0]
    labels.reach_rows, labels.reach_columns = reach_rows, reach_columns
    labels.candidates, labels.overflow = 0, False
    row.columns = <int32_t> pixels.shape[1]
    with nogil:
        last[:] = -1
        for y in range(<int32_t> pixels.shape[0]):
            row.y, row.pixels = y, &pixels[y, 0]
            row.lo = &lo[y if lo.shape[0] > 1 else 0, 0]
            row.hi = &hi[y if hi.shape[0] > 1 else 0, 0]
            row.gain = &gain[y if gain.shape[0] > 1 else 0, 0]
            label_row(&labels, &row)
            if y % sample_every == 0:
                sample_line(pixels, lo, hi, y, saturation, black, before, compare, part_sums, part_counts, sums,
                            counts, &sampled)
        carry(part_sums, part_counts, sums, counts)
        for number in range(labels.used):
            kept += is_kept(parent[number], number, &labels.work[number], smallest)
    count[0], count[1], count[2], count[3] = labels.candidates, kept, labels.used, labels.overflow
    lines[0], lines[1], lines[2] = sampled.brightness, sampled.saturated, sampled.steps
    lines[3], lines[4] = sampled.change, sampled.sampled
