"""A short paper as printed: facing running heads, footnotes, a table across, raised digits."""

from __future__ import annotations

import io

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from ragbot.library.readers import File, read_file

WIDTH, HEIGHT = A4
LEFT, RIGHT = 50, WIDTH / 2 + 12
LEAD = 11.5
INTRODUCTION = """Adults with low hypodiploidy carry 30 to 39 chro-
mosomes, and TP53 is altered in more than 90% of
them.^1-3^ White cells at diagnosis are often below
10 x 10^9^/L, and residual disease above 10^-4^ after
induction goes with relapse.^4^ We asked whether blina-
tumomab changes this outcome."""
METHODS = """Patients were 18 to 72 years old. All had been treated
between 2015 and 2020.^†^ Residual disease was mea-
sured by flow cytometry with a sensitivity of 0.01%.
The dose was 28 µg per day on days 1 to 28 of each
cycle, and at most 5 cycles were given."""
RESULTS = """Remission was reached by 41 of 64 (64%), and by 33
of them without measurable residual disease. The me-
dian overall survival was 11.3 months, against 5.2
months in the historical control (hazard ratio 0.58;
95% CI 0.39-0.86; P = 0.007).^5,6^ Cytokine release of
grade 3 or more was seen in 5%."""
DISCUSSION = """Blinatumomab led to remission in two thirds of adults
with low hypodiploidy, but most relapsed within one
year.^7^ The loss of CD19 in 7 of 19 relapses argues for
a change of target."""
ROWS = (
    ("Residual disease", "N", "Remission", "1-year OS, % (95% CI)", "P"),
    ("<0.01%", "33", "33 (100%)", "61 (44-78)", "0.003"),
    ("0.01% to 1%", "8", "8 (100%)", "25 (0-55)", "0.41"),
    ("Not in remission", "23", "0", "9 (0-21)", "0.02"),
)


def column(canvas: Canvas, x: float, y: float, heading: str, text: str) -> float:
    """Lines with their ends as given; what stands between "^" is raised."""
    canvas.setFont("Helvetica-Bold", 10.5)
    canvas.drawString(x, y, heading)
    for at, line in enumerate(text.split("\n")):
        written = canvas.beginText(x, y - 15 - LEAD * at)
        for number, piece in enumerate(line.split("^")):
            raised = number % 2
            written.setFont("Times-Roman", 6.2 if raised else 9.5)
            written.setRise(3.3 if raised else 0)
            written.textOut(piece)
        canvas.drawText(written)
    return y - 15 - LEAD * (text.count("\n") + 2)


def running(canvas: Canvas, left: str, right: str) -> None:
    canvas.setFont("Helvetica", 7.5)
    canvas.drawString(50, HEIGHT - 30, left)
    canvas.drawRightString(WIDTH - 50, HEIGHT - 30, right)
    canvas.drawCentredString(WIDTH / 2, 22, "Downloaded from a journal by guest on 3 May 2024")


def printed() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    running(canvas, "A. SAMPLE ET AL.", "Journal of Tests | 2021;14:101")
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(50, HEIGHT - 70, "Low hypodiploidy in adults: outcome after")
    canvas.drawString(50, HEIGHT - 90, "blinatumomab in a multicentre cohort")
    canvas.setFont("Times-Roman", 11)
    canvas.drawString(50, HEIGHT - 110, "Ann B. Sample, Carl Other and Dora Example")
    y = column(canvas, LEFT, HEIGHT - 160, "Introduction", INTRODUCTION)
    column(canvas, LEFT, y - 10, "Methods", METHODS)
    canvas.line(LEFT, 150, LEFT + 80, 150)
    canvas.setFont("Times-Roman", 7.5)
    canvas.drawString(LEFT, 138, "† Four patients were treated in 2014.")
    column(canvas, RIGHT, HEIGHT - 160, "Results", RESULTS)
    canvas.showPage()
    running(canvas, "102", "HYPODIPLOIDY IN ADULTS")
    canvas.setFont("Helvetica-Bold", 8.5)
    canvas.drawString(50, HEIGHT - 60, "Table 2. Outcome by residual disease after cycle 1")
    top = HEIGHT - 70
    canvas.setFont("Times-Roman", 9)
    for at, row in enumerate(ROWS):
        for x, cell in zip((55, 190, 250, 340, 480), row, strict=True):
            canvas.drawString(x, top - 12 - 13 * at, cell)
    for y in (top, top - 16, top - 16 - 13 * 3 - 4):
        canvas.line(50, y, WIDTH - 50, y)
    column(canvas, LEFT, HEIGHT - 165, "Discussion", DISCUSSION)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def plain(text: str) -> str:
    """What a column says: lines joined, citations left out, powers with "^"."""
    joined = text.replace("-\n", "").replace("\n", " ")
    for cited in ("1-3", "4", "5,6", "7"):
        joined = joined.replace(f".^{cited}^", ".")
    return joined.replace("^†^", "†").replace("9^", "9").replace("4^", "4")


def test_a_short_paper_as_printed():
    (reading,) = read_file(File("printed.pdf", printed()))
    assert reading.title == (
        "Low hypodiploidy in adults: outcome after blinatumomab in a multicentre cohort"
    )
    assert reading.about.authors == ("Sample AB", "Other C", "Example D")
    texts = [part.text for part in reading.parts]
    columns = (INTRODUCTION, METHODS, RESULTS, DISCUSSION)
    assert [t for t in map(plain, columns) if t not in texts] == []
    assert [texts.index(plain(t)) for t in columns] == sorted(
        texts.index(plain(t)) for t in columns
    )
    assert [p.cells for p in reading.parts if p.kind == "table"] == list(ROWS)
    assert any("Four patients were treated in 2014." in text for text in texts)
    everything = "\n".join(texts)
    for said in ("SAMPLE ET AL", "2021;14", "102", "HYPODIPLOIDY", "Downloaded"):
        assert said not in everything
