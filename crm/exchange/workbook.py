"""An Excel workbook, written whole columns at a time: openpyxl makes an object of each cell, and takes ten times as long.

One sheet with a fixed heading, a new one where Excel's last row is reached. Cells are text, numbers, days and instants, never
formulas. Characters that XML cannot hold are dropped and counted; texts longer than Excel's longest are cut and counted.
"""

from __future__ import annotations

import re
from types import TracebackType
from typing import IO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from crm.exchange.defusing import defused, defused_column
from crm.exchange.parquet import exact_text

NOTES = "What was left out"
MOST_ROWS, LONGEST = 1_048_576, 32_767
CONTROL = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x{fffe}\\x{ffff}]"
HEADING, DAY, MOMENT = 1, 2, 3  # places in STYLES
EPOCH = 25_569  # 1970-01-01 as Excel counts days
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STYLES = f"""{HEAD}<styleSheet xmlns="{MAIN}">
<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="4"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="164" applyNumberFormat="1"/>
<xf numFmtId="165" applyNumberFormat="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


class Workbook:
    """A workbook that is being written; `rows`, `dropped` and `shortened` say what became of it."""

    def __init__(self, stream: IO[bytes], title: str, *, raw: bool = False) -> None:
        self.rows = self.dropped = self.shortened = 0
        self._title = re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:24] or "List"
        self._raw = raw
        self._archive = ZipFile(stream, "w", ZIP_DEFLATED, compresslevel=3)
        self._sheet: IO[bytes] | None = None
        self._sheets = 0
        self._left = 0

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._finish()
        self._archive.close()

    def add(self, batch: pa.RecordBatch) -> None:
        """Write the rows of a batch, on a further sheet where this one is full."""
        while self._sheet is None or batch.num_rows:
            if not self._left:
                self._begin(batch)
            part = batch.slice(0, self._left)
            self._write(_lines([self._cells(column) for column in part.columns], part.num_rows))
            self.rows, self._left = self.rows + part.num_rows, self._left - part.num_rows
            batch = batch.slice(part.num_rows)

    def _begin(self, batch: pa.RecordBatch) -> None:
        self._end()
        self._sheets += 1
        self._sheet = self._archive.open(f"xl/worksheets/sheet{self._sheets}.xml", "w", force_zip64=True)
        self._left = MOST_ROWS - 1
        names = [name if self._raw else defused(name) for name in batch.schema.names]
        widths = "".join(
            f'<col min="{at}" max="{at}" width="{_width(name, column)}" customWidth="1"/>'
            for at, (name, column) in enumerate(zip(names, batch.columns, strict=True), start=1)
        )
        self._write(
            f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
            f'<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f"<cols>{widths}</cols><sheetData><row>"
        )
        headings = pa.array(names, pa.string())
        self._write("".join(self._text(headings, HEADING).to_pylist()) + "</row>")

    def _end(self) -> None:
        if self._sheet:
            self._write("</sheetData></worksheet>")
            self._sheet.close()

    def _write(self, text: str) -> None:
        if self._sheet:
            self._sheet.write(text.encode())

    def _cells(self, column: pa.Array) -> pa.Array:
        """A column as XML, a cell an element."""
        kind = column.type
        if pa.types.is_boolean(kind):
            return _joined('<c t="b"><v>', column.cast(pa.int8()).cast(pa.string()), "</v></c>")
        if pa.types.is_date(kind):
            return _joined(f'<c s="{DAY}"><v>', _days(column.cast(pa.timestamp("us"))), "</v></c>")
        if pa.types.is_timestamp(kind):
            return _joined(f'<c s="{MOMENT}"><v>', _days(column.cast(pa.timestamp("us"))), "</v></c>")
        if pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_floating(kind):
            return _joined("<c><v>", exact_text(column), "</v></c>")
        text = exact_text(column)
        return self._text(text if self._raw else defused_column(text))

    def _text(self, cells: pa.Array, style: int = 0) -> pa.Array:
        cells = self._fitting(cells)
        for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
            cells = pc.replace_substring(cells, sign, name)
        styled = f' s="{style}"' if style else ""
        return _joined(f'<c t="inlineStr"{styled}><is><t xml:space="preserve">', cells, "</t></is></c>")

    def _fitting(self, cells: pa.Array) -> pa.Array:
        controls = pc.sum(pc.count_substring_regex(cells, CONTROL)).as_py()
        if controls:
            self.dropped += controls
            cells = pc.replace_substring_regex(cells, CONTROL, "")
        long = pc.sum(pc.greater(pc.utf8_length(cells), LONGEST)).as_py()
        if long:
            self.shortened += long
            cells = pc.utf8_slice_codeunits(cells, 0, LONGEST)
        return cells

    def _finish(self) -> None:
        self._end()
        if self.dropped or self.shortened:
            self._note()
        names = [self._title, *(f"{self._title} ({number})" for number in range(2, self._sheets + 1))][: self._sheets]
        names += [NOTES] if self.dropped or self.shortened else []
        for name, text in _parts(names).items():
            self._archive.writestr(name, text)

    def _note(self) -> None:
        """What had to be left behind travels with the file, on a last sheet."""
        said = {
            "Control characters left out, which Excel cannot hold": self.dropped,
            "Cells shortened to the characters that Excel holds": self.shortened,
        }
        rows = "".join(
            f'<row><c t="inlineStr"><is><t>{words}</t></is></c><c><v>{number}</v></c></row>' for words, number in said.items()
        )
        self._archive.writestr(
            f"xl/worksheets/sheet{self._sheets + 1}.xml",
            f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        )


def _joined(before: str, cells: pa.Array, after: str) -> pa.Array:
    return pc.coalesce(pc.binary_join_element_wise(before, cells, after, ""), pa.scalar("<c/>"))


def _days(column: pa.Array) -> pa.Array:
    """Instants as Excel counts them: days since its epoch, hours as a share of one."""
    return exact_text(pc.add(pc.divide(column.cast(pa.int64()).cast(pa.float64()), 86_400e6), float(EPOCH)))


def _lines(columns: list[pa.Array], rows: int) -> str:
    if not rows:
        return ""
    whole = pc.binary_join_element_wise("<row>", *columns, "</row>", "")
    return "\n".join(whole.to_pylist())


def _width(name: str, column: pa.Array) -> int:
    """Wide enough for most cells of the first rows."""
    text = exact_text(column.slice(0, 200))
    longest = pc.max(pc.utf8_length(text)).as_py() or 0
    return min(max(len(name) + 2, longest + 2, 8), 48)


def _parts(sheets: list[str]) -> dict[str, str]:
    """The small parts that make sheets a workbook."""
    numbered = list(enumerate(sheets, start=1))
    tabs = "".join(f'<sheet name={quoteattr(escape_name(name))} sheetId="{n}" r:id="rId{n}"/>' for n, name in numbered)
    links = "".join(f'<Relationship Id="rId{n}" Type="{LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n, _ in numbered)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{OFFICE}.worksheet+xml"/>' for n, _ in numbered
    )
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{OFFICE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{OFFICE}.styles+xml"/>{types}</Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>{tabs}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{links}'
        f'<Relationship Id="rId0" Type="{LINKS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
    }


def escape_name(name: str) -> str:
    """A sheet's name without what XML cannot hold."""
    return escape(re.sub(r"[\x00-\x1f]", " ", name)).replace("&amp;", "and")
