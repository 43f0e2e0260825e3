# ruff: noqa: E501
"""Makes files of every format from a paper, shaped as exports and publishers shape them."""

from __future__ import annotations

import html
import io
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import docx
from papers import Paper
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    FrameBreak,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)


@dataclass(frozen=True)
class Made:
    """A file, the paper it was made from, and the fields that it says."""

    name: str
    data: bytes
    paper: Paper
    says: frozenset[str]
    passages: tuple[str, ...]


BASIC = frozenset({"title", "authors", "journal", "year", "doi"})
POWER = re.compile(r"\^(-?\d+)")


def raised(text: str, form: str = "<sup>{}</sup>") -> str:
    """Escaped text with powers in the markup of the format."""
    return POWER.sub(
        lambda f: form.format(f[1].replace("-", "\u2212")), html.escape(text, quote=False)
    )


def abstract_texts(paper: Paper) -> tuple[str, ...]:
    return tuple(text for _, text in paper.abstract)


def pubmed(paper: Paper, shape: int) -> Made:
    authors = "".join(
        f'<Author ValidYN="Y"><LastName>{html.escape(f)}</LastName><ForeName>{g}</ForeName>'
        f"<Initials>{''.join(w[0] for w in re.split(r'[ .-]+', g) if w)}</Initials>"
        f"<AffiliationInfo><Affiliation>A place, 2 streets.</Affiliation></AffiliationInfo></Author>"
        for g, f in paper.authors
    )
    if paper.group:
        authors += f"<Author><CollectiveName>{paper.group}</CollectiveName></Author>"
    abstract = "".join(
        f"<AbstractText{f' Label={chr(34)}{label}{chr(34)} NlmCategory={chr(34)}METHODS{chr(34)}' if label else ''}>"
        f"{raised(text)}</AbstractText>"
        for label, text in paper.abstract
    )
    when = f"<Year>{paper.year}</Year><Month>Mar</Month>"
    if shape % 2:
        when = f"<MedlineDate>{paper.year} Mar-Apr</MedlineDate>"
    pmc = f'<ArticleId IdType="pmc">{paper.pmcid}</ArticleId>' if paper.pmcid else ""
    retraction = (
        '<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>J Tests. '
        "2016</RefSource><PMID>90000099</PMID></CommentsCorrections></CommentsCorrectionsList>"
        if paper.retracted
        else ""
    )
    types = "".join(f'<PublicationType UI="D1">{kind}</PublicationType>' for kind in paper.types)
    record = f"""<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{paper.pmid}</PMID>
<DateCompleted><Year>1999</Year></DateCompleted>
<Article PubModel="Print"><Journal><ISSN>0000-0000</ISSN><JournalIssue CitedMedium="Print"><Volume>{paper.volume}</Volume>
<Issue>{paper.issue}</Issue><PubDate>{when}</PubDate></JournalIssue><Title>{paper.journal}</Title>
<ISOAbbreviation>J Abbr</ISOAbbreviation></Journal><ArticleTitle>{raised(paper.title)}.</ArticleTitle>
<Pagination><MedlinePgn>{paper.pages}</MedlinePgn></Pagination><ELocationID EIdType="doi" ValidYN="Y">{paper.doi}</ELocationID>
<Abstract>{abstract}<CopyrightInformation>© a society.</CopyrightInformation></Abstract><AuthorList CompleteYN="Y">{authors}</AuthorList>
<PublicationTypeList>{types}</PublicationTypeList></Article>{retraction}</MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="pubmed">{paper.pmid}</ArticleId>{pmc}<ArticleId IdType="doi">{paper.doi}</ArticleId>
</ArticleIdList><ReferenceList><Reference><Citation>Other. 2001</Citation><ArticleIdList><ArticleId IdType="pubmed">1</ArticleId>
<ArticleId IdType="doi">10.1000/other</ArticleId></ArticleIdList></Reference></ReferenceList></PubmedData></PubmedArticle>"""
    head = '<?xml version="1.0" ?>\n'
    if shape % 3 != 2:
        head += ('<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2024//EN" '
                 '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_240101.dtd">\n')  # fmt: skip
    data = f"{head}<PubmedArticleSet>{record}</PubmedArticleSet>"
    says = BASIC | {"pmid", "pmcid", "retracted", "volume", "pages", "design", "sample_size"}
    return Made(f"pubmed-{paper.key}.xml", data.encode(), paper, says, abstract_texts(paper))


def nbib(paper: Paper, shape: int) -> Made:
    def field(tag: str, value: str) -> str:
        wrapped = textwrap.wrap(value, 80, break_long_words=False, break_on_hyphens=False)
        return f"{tag:<4}- " + ("\n" + " " * 6).join(wrapped) + "\n"

    text = field("PMID", paper.pmid) + field("OWN", "NLM") + field("DP", f"{paper.year} Mar 12")
    text += field("TI", paper.title + ".") + field("PG", paper.pages)
    text += field("LID", f"{paper.doi} [doi]")
    abstract = " ".join(f"{label}: {part}" if label else part for label, part in paper.abstract)
    text += field("AB", abstract)
    for (given, family), name in zip(paper.authors, paper.names, strict=False):
        text += field("FAU", f"{family}, {given}") + field("AU", name)
    if paper.group:
        text += field("CN", paper.group)
    text += "".join(field("PT", kind) for kind in paper.types)
    text += field("TA", "J Abbr") + field("JT", paper.journal) + field("VI", paper.volume)
    text += field("RIN", "J Tests. 2016;9:1. PMID: 90000099") if paper.retracted else ""
    text += field("PMC", paper.pmcid) if paper.pmcid else ""
    text += field("AID", f"{paper.doi} [doi]") + field("SO", f"J Abbr. {paper.year}")
    says = BASIC | {"pmid", "pmcid", "retracted", "volume", "pages", "design", "sample_size"}
    lines = "\r\n" if shape % 2 else "\n"
    return Made(
        f"medline-{paper.key}.nbib",
        ("\n" + text).replace("\n", lines).encode(),
        paper,
        says,
        abstract_texts(paper),
    )


def ris(paper: Paper, shape: int) -> Made:
    first, _, last = paper.pages.partition("-")
    abstract = " ".join(f"{label}: {part}" if label else part for label, part in paper.abstract)
    title, author, journal, year = (
        ("TI", "AU", "JO", "PY"),
        ("T1", "A1", "JF", "Y1"),
        ("TI", "AU", "T2", "DA"),
    )[shape % 3]
    when = (f"{paper.year}", f"{paper.year}/03/12/", f"{paper.year}/03/12")[shape % 3]
    lines = ["TY  - JOUR", f"{title}  - {paper.title}"]
    lines += [f"{author}  - {f}, {g}" for g, f in paper.authors]
    lines += [f"{author}  - {paper.group}"] if paper.group else []
    lines += [f"{journal}  - {paper.journal}", f"{year}  - {when}", f"VL  - {paper.volume}", f"IS  - {paper.issue}",
              f"SP  - {first}"]  # fmt: skip
    lines += [f"EP  - {last}"] if last else []
    lines += [f"DO  - {'https://doi.org/' if shape % 2 else ''}{paper.doi}", f"AB  - {abstract}"]
    lines += [
        (
            "AN  - " + paper.pmid + "\nDB  - PubMed",
            f"UR  - https://pubmed.ncbi.nlm.nih.gov/{paper.pmid}/",
        )[shape % 2]
    ]
    lines += ["KW  - leukaemia", "KW  - tests", "ER  - ", ""]
    mark = "\ufeff" if shape % 3 == 1 else ""
    says = BASIC | {"pmid", "volume", "sample_size"}
    return Made(
        f"manager-{paper.key}.ris",
        (mark + "\r\n".join(lines)).encode(),
        paper,
        says,
        abstract_texts(paper),
    )


LATEX = {
    "ü": r'\"{u}', "í": r"\'{\i}", "á": r"\'a", "ó": r"\'{o}", "Ł": r"{\L}", "Ż": r"\.{Z}", "é": r"{\'e}",
    "è": r"\`{e}", "ñ": r"\~n", "ú": r"\'u", "ø": r"{\o}", "Å": r"{\AA}", "ö": r'\"o', "É": r"\'{E}",
    "ř": r"\v{r}", "–": "--", "&": r"\&", "%": r"\%", "≥": r"$\geq$", "×": r"$\times$",
}  # fmt: skip


def latex(text: str) -> str:
    text = POWER.sub(r"$^{\1}$", text)
    return "".join(LATEX.get(sign, sign) for sign in text)


def bibtex(paper: Paper, shape: int) -> Made:
    write: Callable[[str], str] = latex if shape % 2 == 0 else lambda text: text
    names = [
        f"{write(f)}, {write(g)}" if shape % 3 else f"{write(g)} {write(f)}"
        for g, f in paper.authors
    ]
    names += [f"{{{paper.group}}}"] if paper.group else []
    abstract = " ".join(f"{label}: {part}" if label else part for label, part in paper.abstract)
    journal = "jrn" if shape % 3 == 1 else f"{{{write(paper.journal)}}}"
    strings = (
        f'@string{{jrn = "{paper.journal}"}}\n\n' if shape % 3 == 1 else "% exported by hand\n"
    )
    fields = {
        "title": f"{{{{{write(paper.title)}}}}}" if shape % 2 else f'"{write(paper.title)}"',
        "author": "{" + "\n  and ".join(names) + "}",
        "journal": journal,
        "year": str(paper.year) if shape % 2 else f"{{{paper.year}}}",
        "volume": f"{{{paper.volume}}}",
        "pages": f"{{{paper.pages.replace('-', '--')}}}",
        "doi": f"{{{paper.doi}}}",
        "pmid": f"{{{paper.pmid}}}",
        "abstract": f"{{{write(abstract)}}}",
        "month": "mar",
    }
    body = ",\n  ".join(f"{name} = {value}" for name, value in fields.items())
    says = BASIC | {"pmid", "volume", "pages", "sample_size"}
    data = f"{strings}@article{{{paper.key}{paper.year},\n  {body}\n}}\n"
    return Made(f"refs-{paper.key}.bib", data.encode(), paper, says, abstract_texts(paper))


def jats(paper: Paper, shape: int) -> Made:
    cite = ('<sup><xref ref-type="bibr" rid="r1">1</xref>,<xref ref-type="bibr" rid="r2">2</xref></sup>',
            ' [<xref ref-type="bibr" rid="r1">1</xref>]')[shape % 2]  # fmt: skip
    contribs = "".join(
        f'<contrib contrib-type="author"><name><surname>{html.escape(f)}</surname><given-names>{g}</given-names></name>'
        f'<xref ref-type="aff" rid="a1"><sup>1</sup></xref></contrib>'
        for g, f in paper.authors
    )
    if paper.group:
        contribs += f'<contrib contrib-type="author"><collab>{paper.group}</collab></contrib>'
    contribs += '<contrib contrib-type="editor"><name><surname>Editor</surname><given-names>An</given-names></name></contrib>'
    abstract = "".join(
        f"<sec><title>{label.capitalize()}</title><p>{raised(t)}</p></sec>"
        if label
        else f"<p>{raised(t)}</p>"
        for label, t in paper.abstract
    )
    sections = ""
    for at, (heading, texts) in enumerate(paper.sections):
        inner = "".join(
            f"<p>{raised(t[:-1])}{cite}.</p>" if i == 0 else f"<p>{raised(t)}</p>"
            for i, t in enumerate(texts)
        )
        if at == 1 and paper.table:
            rows = "".join(
                "<tr>" + "".join(f"<td>{raised(c)}</td>" for c in row) + "</tr>"
                for row in paper.table[1:]
            )
            top = "".join(f"<th>{raised(c)}</th>" for c in paper.table[0])
            inner += (f'<table-wrap id="t1"><label>Table 1</label><caption><p>{paper.caption}</p></caption><table><thead>'
                      f"<tr>{top}</tr></thead><tbody>{rows}</tbody></table></table-wrap>")  # fmt: skip
        sections += f'<sec id="s{at}"><title>{heading}</title>{inner}</sec>'
    licence = ""
    if paper.licence:
        kind, version = paper.licence.removeprefix("CC ").lower().split(" ")
        address = f"https://creativecommons.org/licenses/{kind}/{version}/"
        licence = (f'<permissions><license xlink:href="{address}"><license-p>Open access.</license-p></license></permissions>'
                   if shape % 2 else f'<permissions><license><ali:license_ref xmlns:ali="http://www.niso.org/schemas/ali/1.0/">'
                   f"{address}</ali:license_ref><license-p>Open.</license-p></license></permissions>")  # fmt: skip
    related = (
        '<related-article related-article-type="retraction-forward" id="x"/>'
        if paper.retracted
        else ""
    )
    pmc = f'<article-id pub-id-type="pmcid">{paper.pmcid}</article-id>' if paper.pmcid else ""
    first, _, last = paper.pages.partition("-")
    place = (
        f"<fpage>{first}</fpage><lpage>{last}</lpage>"
        if last
        else f"<elocation-id>{first}</elocation-id>"
    )
    data = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Archiving and Interchange DTD v1.3 20210610//EN" "JATS-archivearticle1-3.dtd">
<article xmlns:xlink="http://www.w3.org/1999/xlink" article-type="research-article" dtd-version="1.3"><front>
<journal-meta><journal-title-group><journal-title>{paper.journal}</journal-title></journal-title-group></journal-meta>
<article-meta>{pmc}<article-id pub-id-type="pmid">{paper.pmid}</article-id><article-id pub-id-type="doi">{paper.doi}</article-id>
<article-categories><subj-group><subject>Article</subject></subj-group></article-categories>
<title-group><article-title>{raised(paper.title)}</article-title></title-group><contrib-group>{contribs}</contrib-group>
<aff id="a1"><label>1</label>A place</aff><pub-date pub-type="epub"><year>{paper.year - (shape % 2)}</year></pub-date>
<pub-date pub-type="ppub"><month>3</month><year>{paper.year}</year></pub-date><volume>{paper.volume}</volume>{place}
{related}{licence}<abstract>{abstract}</abstract></article-meta></front><body>{sections}</body>
<back><ref-list><title>References</title><ref id="r1"><label>1</label><mixed-citation>Example A. One. <pub-id pub-id-type="doi">10.1000/one</pub-id></mixed-citation></ref>
<ref id="r2"><label>2</label><mixed-citation>Example B. Two. <pub-id pub-id-type="pmid">90000777</pub-id></mixed-citation></ref></ref-list></back></article>"""
    says = BASIC | {"pmid", "pmcid", "licence", "retracted", "volume", "pages", "sample_size"}
    rows = tuple(" | ".join(row).strip() for row in paper.table)
    return Made(
        f"full-{paper.key}.{('nxml', 'xml')[shape % 2]}",
        data.encode(),
        paper,
        says,
        (*paper.passages, *rows),
    )


def word(paper: Paper, shape: int) -> Made:
    document = docx.Document()
    if shape % 2:
        document.add_paragraph(paper.title, style="Title")
    else:
        document.add_heading(paper.title, 1)
    line = document.add_paragraph()
    for at, (given, family) in enumerate(paper.authors):
        line.add_run(f"{', ' if at else ''}{given} {family}")
        line.add_run("1").font.superscript = True
    document.add_paragraph(f"https://doi.org/{paper.doi}. PMID: {paper.pmid}.")
    for at, (heading, texts) in enumerate(paper.sections):
        if shape % 3 == 2:
            document.add_paragraph().add_run(heading).bold = True
        else:
            document.add_heading(heading, 2)
        for i, text in enumerate(texts):
            style = ("List Bullet", "List Number")[shape % 2] if at == 1 else None
            paragraph = document.add_paragraph(style=style)
            _runs(paragraph, text)
            if i == 0:
                paragraph.add_run("1,2").font.superscript = True
        if at == 0 and paper.table:
            table = document.add_table(len(paper.table), len(paper.table[0]))
            for row, cells in zip(table.rows, paper.table, strict=True):
                for cell, value in zip(row.cells, cells, strict=True):
                    cell.text = value
    document.core_properties.title = paper.title
    document.core_properties.author = "Somebody Else"
    written = io.BytesIO()
    document.save(written)
    rows = tuple(" | ".join(row).strip() for row in paper.table)
    says = frozenset({"title", "doi", "pmid"}) | (frozenset() if paper.group else {"authors"})
    return Made(
        f"manuscript-{paper.key}.docx", written.getvalue(), paper, says, (*paper.passages, *rows)
    )


def _runs(paragraph: Any, text: str) -> None:
    for piece in re.split(r"(\^-?\d+)", text):
        run = paragraph.add_run(
            piece.lstrip("^").replace("-", "\u2212") if piece.startswith("^") else piece
        )
        run.font.superscript = True if piece.startswith("^") else None


def page(paper: Paper, shape: int) -> Made:
    cites = (
        '<sup><a href="#r1">1</a>,<a href="#r2">2</a></sup>',
        ' [<a class="xref" href="#r1">1</a>]',
        "<sup>1–3</sup>",
    )
    metas = [("citation_title", paper.title), ("citation_journal_title", paper.journal),
             ("citation_publication_date", f"{paper.year}/03/12"), ("citation_doi", paper.doi), ("citation_volume", paper.volume),
             ("citation_pmid", paper.pmid)]  # fmt: skip
    metas += [
        ("citation_author", f"{f}, {g}" if shape % 2 else f"{g} {f}") for g, f in paper.authors
    ]
    metas += [("citation_author", paper.group)] if paper.group else []
    head = "".join(f'<meta name="{n}" content="{html.escape(v)}">' for n, v in metas)
    licence = ""
    if paper.licence:
        kind, version = paper.licence.removeprefix("CC ").lower().split(" ")
        licence = f'<p>Open access under <a rel="license" href="http://creativecommons.org/licenses/{kind}/{version}/">a licence</a>.</p>'
    body = ""
    for heading, texts in paper.sections:
        body += f"<section><h2>{heading}</h2>" + "".join(
            f"<p>{raised(t[:-1])}{cites[shape % 3]}.</p>" if i == 0 else f"<p>{raised(t)}</p>" for i, t in enumerate(texts)
        ) + "</section>"  # fmt: skip
    table = ""
    if paper.table:
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>"
            for row in paper.table
        )
        table = f"<figure><figcaption>Table 1. {paper.caption}</figcaption><table>{rows}</table></figure>"
    main = ("article", "main", 'div id="content"')[shape % 3]
    data = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">{head}<title>{html.escape(paper.title)} | A publisher</title><script>var a = "<p>no</p>";</script></head>
<body><header role="banner"><a href="/">A publisher</a></header><nav><ul><li><a href="/">Home</a></li><li>Journals</li></ul></nav>
<div class="cookie" style="display: none">We use cookies 1.</div>
<{main}><h1>{raised(paper.title)}</h1><ul class="authors"><li>{paper.authors[0][1]}<sup>1</sup></li></ul><h2>Abstract</h2>
{"".join(f"<p>{raised(t)}</p>" for t in abstract_texts(paper))}{body}{table}{licence}
<h2>References</h2><ol><li id="r1">Example A. One. <a href="https://doi.org/10.1000/one">Link</a></li><li id="r2">Example B. Two.</li></ol>
</{main.split(" ")[0]}><aside role="complementary">Related: buy now</aside><footer>© A publisher</footer></body></html>"""
    rows = tuple(" | ".join(row).strip() for row in paper.table)
    says = BASIC | {"pmid", "licence", "retracted", "volume", "sample_size"}
    return Made(f"page-{paper.key}.html", data.encode(), paper, says, (*paper.passages, *rows))


STYLE = ParagraphStyle(
    "body", fontName="Times-Roman", fontSize=10, leading=12, spaceAfter=5, alignment=4
)
HEAD = ParagraphStyle(
    "head", fontName="Helvetica-Bold", fontSize=11.5, leading=14, spaceBefore=8, spaceAfter=4
)
TITLE = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=17, leading=21, spaceAfter=8)
NAMES = ParagraphStyle("names", fontName="Times-Roman", fontSize=11, leading=14, spaceAfter=8)
pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
pdfmetrics.registerFont(TTFont("VeraBd", "VeraBd.ttf"))
FILLER = (
    "Nothing of this paragraph is a finding. It fills the column so that text runs over lines, "
    "columns and pages as it does in print, with words such as haematopoietic, immunophenotyping and "
    "relapse-free that are broken at the end of lines where the language has a place to break them."
)


def in_pdf(text: str) -> str:
    return raised(text, "<super size=6.5>{}</super>").replace("\u2212", "-")


def symbols(text: str, wide: bool) -> str:
    """Greek letters in the Symbol font, where the font of the text lacks them."""
    return text if wide else text.replace("γ", "&gamma;").replace("α", "&alpha;")


def pdf(paper: Paper, shape: int) -> Made:
    """One column (even shapes), or two columns below a title that spans both."""
    plain = str.maketrans("Żř", "Zr")  # letters that no font at hand has
    paper = replace(paper, authors=tuple((g, f.translate(plain)) for g, f in paper.authors))
    wide = paper.key in {"registry", "kinase"}  # letters that the standard fonts lack
    fonts = {"Times-Roman": "Vera", "Helvetica-Bold": "VeraBd"} if wide else {}
    body, head, title_style, names_style = (
        ParagraphStyle(s.name, parent=s, fontName=fonts.get(s.fontName, s.fontName))
        for s in (STYLE, HEAD, TITLE, NAMES)
    )
    two = shape % 2 == 1
    width, height = letter if shape % 3 == 1 else A4
    written = io.BytesIO()
    running = f"{paper.journal} {paper.year};{paper.volume}{f'({paper.issue})' if paper.issue else ''}:{paper.pages}"

    def margins(canvas: Any, template: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(20 * mm, height - 12 * mm, running)
        canvas.drawRightString(width - 20 * mm, 10 * mm, str(template.page))
        if template.page == 1:
            canvas.drawString(20 * mm, 14 * mm, f"https://doi.org/{paper.doi}  PMID: {paper.pmid}")

    made = BaseDocTemplate(
        written, pagesize=(width, height), title="untitled" if shape % 3 else paper.title
    )
    edge, gap = 20 * mm, 7 * mm
    column = (width - 2 * edge - gap) / 2
    inner = height - 45 * mm
    if two:
        top = 70 * mm
        frames = [
            Frame(
                edge,
                height - 22 * mm - top,
                width - 2 * edge,
                top,
                id="t",
                leftPadding=0,
                rightPadding=0,
            )
        ]
        frames += [Frame(edge + i * (column + gap), 22 * mm, column, inner - top, id=f"c{i}", leftPadding=0, rightPadding=0)
                   for i in (0, 1)]  # fmt: skip
        later = [Frame(edge + i * (column + gap), 22 * mm, column, inner, id=f"d{i}", leftPadding=0, rightPadding=0)
                 for i in (0, 1)]  # fmt: skip
    else:
        frames = [
            Frame(edge, 22 * mm, width - 2 * edge, inner, id="one", leftPadding=0, rightPadding=0)
        ]
        later = frames
    made.addPageTemplates(
        [
            PageTemplate("first", frames, onPage=margins),
            PageTemplate("later", later, onPage=margins),
        ]
    )
    names = ", ".join(f"{g} {f}<super size=6>1</super>" for g, f in paper.authors)
    story: list[Any] = [
        NextPageTemplate("later"),
        Paragraph(in_pdf(paper.title), title_style),
        Paragraph(names, names_style),
    ]
    story += [FrameBreak()] if two else [Spacer(1, 4)]
    for at, (heading, texts) in enumerate(paper.sections):
        story.append(Paragraph(heading, head))
        for i, text in enumerate(texts):
            story.append(
                Paragraph(
                    symbols(in_pdf(text), wide) + ("<super size=6>1,2</super>" if i == 0 else ""),
                    body,
                )
            )
        story += [Paragraph(FILLER, body)] * 2
        if at == 1 and paper.table:
            story += [
                Paragraph(f"Table 1. {paper.caption}", body),
                _drawn(paper, shape, fonts.get("Times-Roman", "Times-Roman")),
                Spacer(1, 6),
            ]
    story += [Paragraph("References", head), Paragraph("1. Example A. One. doi:10.1000/one", body),
              Paragraph("2. Example B. Two.", body)]  # fmt: skip
    if paper.licence:
        story += [
            Paragraph("Licence", head),
            Paragraph(f"This text is distributed under {paper.licence}.", body),
        ]
    made.build(story)
    rows = tuple(" | ".join(row).strip() for row in paper.table)
    rows = rows if wide else tuple(row.replace("≥", ">=") for row in rows)
    says = BASIC | {"pmid", "licence", "volume", "pages"}
    says = says - {"authors"} if paper.group else says
    return Made(
        f"{'two' if two else 'one'}-{paper.key}.pdf",
        written.getvalue(),
        paper,
        says,
        (*paper.passages, *rows),
    )


def _drawn(paper: Paper, shape: int, font: str) -> Table:
    grid = shape % 4 < 2
    table = Table(
        [
            [cell.replace("≥", ">=") if font != "Vera" else cell for cell in row]
            for row in paper.table
        ],
        style=TableStyle([("FONT", (0, 0), (-1, -1), font, 9)]),
    )
    if grid:
        table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)]))
    else:
        rules = [
            ("LINEABOVE", (0, 0), (-1, 0), 0.8),
            ("LINEBELOW", (0, 0), (-1, 0), 0.5),
            ("LINEBELOW", (0, -1), (-1, -1), 0.8),
        ]
        table.setStyle(TableStyle([(*rule, colors.black) for rule in rules]))
    return table


MAKERS: tuple[Callable[[Paper, int], Made], ...] = (
    pubmed,
    nbib,
    ris,
    bibtex,
    jats,
    word,
    page,
    pdf,
)
