"""The ZIP that an .xlsx is, looked through before it is opened: knows sizes, markup, extent; no values.

What goes on to the reader is a parcel of our own: only the parts that hold cells, without what stands far
below the list, so that nothing is read that was not looked at here.
"""

import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass, field

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from exports.limits import Limits, Unreadable

LATE_ROWS_NAMED = 1_000
_JUDGED_ALONE = 10_000_000  # parts above this size are judged by their own ratio, not only by the whole's
_JUDGED_TOGETHER = 1_000_000
_NEEDED = re.compile(
    r"(?i)^(\[content_types\]\.xml|_rels/\.rels|xl/(workbook|sharedstrings|styles)\.xml|xl/_rels/[^/]+\.rels"
    r"|xl/worksheets/[^/]+\.xml)$"
)
_NUMBER = re.compile(rb'\sr="(\d{1,9})"')
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\bt="e"[^>]*>')
# A formula that no program has computed: its own words are all there is, and a name that begins with "=" is one.
_UNCOMPUTED = re.compile(
    rb"<((?:\w+:)?)c((?:\s[^>]*)?)><(?:\w+:)?f>([^<]*)</(?:\w+:)?f>\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</\1c>"
)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3}\d{1,7})"')


@dataclass
class Found:
    """What the look through one sheet's part gave: late filled rows, and cells (A1) that hold errors."""

    late_rows: list[int] = field(default_factory=list)
    errors: set[str] = field(default_factory=set)


def repacked(content: bytes, limits: Limits) -> tuple[bytes, dict[str, Found]]:
    """A parcel of the needed parts and what was found, by sheet name. Unreadable where a limit is passed."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parcel:
            return _repacked(parcel, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ParseError, KeyError,
            UnicodeDecodeError) as broken:  # fmt: skip
        raise Unreadable("damaged") from broken
    except DefusedXmlException as forbidden:
        raise Unreadable("forbidden_markup") from forbidden


def _repacked(parcel: zipfile.ZipFile, limits: Limits) -> tuple[bytes, dict[str, Found]]:
    entries = parcel.infolist()
    _judge(entries, limits)
    names = {entry.filename.lower().lstrip("/"): entry for entry in entries}
    if "xl/workbook.xml" not in names:
        # .xlsb, .ods and their kin have parts of other names
        known = any(name in names for name in ("xl/workbook.bin", "content.xml"))
        raise Unreadable("other_format" if known else "not_a_workbook")
    sheets = _sheet_names(parcel, names)
    out, found = io.BytesIO(), {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as copy:
        for name, entry in names.items():
            if not _NEEDED.match(name):
                continue
            part = parcel.read(entry)
            if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
                raise Unreadable("forbidden_markup")
            if name in sheets:
                part, found[sheets[name]] = _looked_through(part, sheets[name], limits)
            copy.writestr(entry.filename.lstrip("/"), part)
            del part
    return out.getvalue(), found


def _judge(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > limits.entries:
        raise Unreadable("too_many_parts", limit=limits.entries)
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable("encrypted")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    lopsided = any(
        entry.file_size > _JUDGED_ALONE and entry.file_size > limits.ratio * entry.compress_size
        for entry in entries
    )
    if unpacked > limits.unpacked or lopsided or unpacked > max(_JUDGED_TOGETHER, limits.ratio * packed):
        raise Unreadable("unpacks_too_large")


def _sheet_names(parcel: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo]) -> dict[str, str]:
    """Lower-case part name -> name of the sheet; what the workbook does not name is not read either."""
    book = fromstring(parcel.read(names["xl/workbook.xml"]), forbid_dtd=True)
    links = names.get("xl/_rels/workbook.xml.rels")
    targets = {}
    for link in fromstring(parcel.read(links), forbid_dtd=True) if links else ():
        target = link.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath("xl/" + target)
        targets[link.get("Id")] = path.lower()
    sheets = {}
    for element in book.iter():
        if element.tag.rpartition("}")[2] == "sheet":
            link = next((value for key, value in element.attrib.items() if key.endswith("}id")), None)
            sheets[targets.get(link, "")] = element.get("name", "")
    return sheets


def _looked_through(part: bytes, sheet: str, limits: Limits) -> tuple[bytes, Found]:
    """The part without the rows after too many blank ones, error cells made texts, and what was found."""
    start = re.search(rb"<((?:\w+:)?)sheetData\s*>", part)
    if not start:
        return part, Found()
    prefix = start[1]
    end = part.rfind(b"</" + prefix + b"sheetData>")
    if end < 0:
        raise Unreadable("damaged")
    wide = _beyond(limits.columns).search(part, start.end(), end)
    if wide:
        raise Unreadable("too_many_columns", sheet=sheet, limit=limits.columns)
    cut, late = _extent(part, prefix, start.end(), end, sheet, limits)
    filled = part.count(b"</" + prefix + b"c>")
    if filled > limits.cells or part.count(b"<" + prefix + b"mergeCell ", end) > limits.merges:
        raise Unreadable("too_many_cells")
    errors: set[str] = set()
    kept = part[:cut]
    if b't="e"' in kept:
        kept = _ERROR_CELL.sub(lambda cell: _as_text(cell, errors), kept)
    if b"f>" in kept:
        kept = _UNCOMPUTED.sub(_own_words, kept)
    return kept + part[end:], Found(late, errors)


def _as_text(cell: re.Match, errors: set[str]) -> bytes:
    """The reader gives nothing at all for an error cell; as a text it comes through and is named by the caller."""
    reference = _REFERENCE.search(cell[0])
    if reference:
        errors.add(reference[1].decode())
    return cell[0].replace(b't="e"', b't="str"')


def _own_words(cell: re.Match) -> bytes:
    """A cell of an uncomputed formula as the text that was typed."""
    prefix, attributes, words = cell[1], re.sub(rb'\st="[^"]*"', b"", cell[2]), cell[3]
    return b'<%bc%b t="str"><%bv>=%b</%bv></%bc>' % (prefix, attributes, prefix, words, prefix, prefix)


def _extent(
    part: bytes, prefix: bytes, start: int, end: int, sheet: str, limits: Limits
) -> tuple[int, list[int]]:
    """Where the list ends in the part, and the numbers of filled rows behind that."""
    # A space far below the list, as a typing slip leaves it, is blank.
    filled = re.compile(rb"<(?:\w+:)?(?:v(?:\s[^>]*)?>[^<]|t(?:\s[^>]*)?>\s*[^<\s])")
    opening = re.compile(b"<" + re.escape(prefix) + rb"row[\s>/][^>]*>?")
    cut, late, last, number, count = end, [], 0, 0, 0
    if _is_dense(part, b"<" + prefix + b"row ", start, end, limits):
        return end, []
    row = opening.search(part, start, end)
    while row:
        following = opening.search(part, row.end(), end)
        stated = _NUMBER.search(row[0])
        number = int(stated[1]) if stated else number + 1
        if filled.search(part, row.end(), following.start() if following else end):
            if cut != end or number - last > limits.blank_rows + 1:
                cut = row.start() if cut == end else cut
                if len(late) < LATE_ROWS_NAMED:
                    late.append(number)
            else:
                count, last = count + 1, number
        row = following
    if count > limits.rows:
        raise Unreadable("too_many_rows", sheet=sheet, limit=limits.rows)
    return cut, late


def _is_dense(part: bytes, opening: bytes, start: int, end: int, limits: Limits) -> bool:
    """True for the usual list, told by its last row: fewer numbers are left out than a gap needs. Rows that stand
    out of order, as no program writes them, get past this and meet the limit of memory."""
    count, last = part.count(opening, start, end), part.rfind(opening, start, end)
    stated = _NUMBER.search(part, last, min(last + 200, end)) if last >= 0 else None
    return bool(stated) and count <= limits.rows and int(stated[1]) - count <= limits.blank_rows


def _beyond(columns: int) -> re.Pattern[bytes]:
    """Finds a filled cell to the right of column number `columns` (at most 702, ZZ)."""
    first, second = divmod(columns, 26)  # the first column beyond is columns + 1, counted from 0: columns
    if columns < 26:
        names = f"[{chr(65 + columns)}-Z]|[A-Z]{{2,3}}"
    else:
        lead = chr(64 + first)
        names = f"[A-Z]{{3}}|{lead}[{chr(65 + second)}-Z]"
        if lead < "Z":
            names += f"|[{chr(ord(lead) + 1)}-Z][A-Z]"
    return re.compile(rf'r="(?:{names})\d+"[^>/]*>\s*<(?!/)'.encode())
