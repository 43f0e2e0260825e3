"""The drop zone of the library: files are read, taken into the corpus and indexed."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import streamlit as st

from ragbot.errors import RagbotError
from ragbot.ui.house import House
from ragbot.ui.markup import element, error_html, text
from ragbot.ui.place import Place

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from ragbot.library.adding import FileReport, Outcome

ADDED = "added"
"""Where the session keeps what became of the files added last."""
WHAT = (
    "Markdown, text, web pages, PDF, Word, PubMed and JATS XML, MEDLINE, RIS and BibTeX. "
    "Articles and sources are told apart; a document with data of a patient stays out, unless "
    "the settings say otherwise."
)


def drop_zone(house: House) -> None:
    """Take dropped files in, with progress; what became of each stays until the next."""
    with st.expander("Add documents"):
        st.html(text("p", WHAT, class_="rb-muted"))
        with st.form("add-files", border=False, clear_on_submit=True):
            files = st.file_uploader("Files to add", accept_multiple_files=True)
            is_sent = st.form_submit_button("Add to the library")
        if is_sent and files:
            try:
                st.session_state[ADDED] = _added(house, files)
            except RagbotError as error:
                st.html(error_html(str(error)))
                return
            st.rerun()
        if ADDED in st.session_state:
            st.html(reports_html(*st.session_state[ADDED]))


def _added(house: House, files: Sequence[UploadedFile]) -> tuple[list[FileReport], list[str]]:
    """Keep the files aside under their own names, add them, and index what was taken in.

    Gives what became of each, and what that means for references.
    """
    from ragbot.index.sync import sync
    from ragbot.library.adding import Wishes, add_files
    from ragbot.library.arrivals import added_ids, arrivals
    from ragbot.privacy.guard import guarded_document

    settings = house.bot.settings
    bar = st.progress(0.0, text="Reading …")

    def tell(what: str, done: int, total: int) -> None:
        """Shows progress; a stopped run ends here, between two files or steps."""
        bar.progress(min(1.0, done / max(1, total)), text=what.capitalize())

    guard = partial(guarded_document, handling=settings.document_personal_data)
    with tempfile.TemporaryDirectory(prefix="ragbot-add-") as folder:
        paths = []
        for number, file in enumerate(files):  # two files may have one name
            place = Path(folder, str(number))
            place.mkdir()
            path = place / (PurePath(file.name.replace("\\", "/")).name or "file")
            path.write_bytes(file.getvalue())
            paths.append(path)
        reports = add_files(paths, settings.corpus, Wishes(guard=guard), tell)
    lines: list[str] = []
    if added := added_ids(reports):
        failed = sync(settings, tell).failed
        lines = [f"Not indexed: {one.error}" for one in failed]
        lines += arrivals(settings.corpus, added).told()
    bar.empty()
    return reports, lines


def counted(reports: Sequence[FileReport]) -> str:
    """What came in, in one line: "2 files: 1 article and 3 sources added, 1 stays out"."""
    done = [one for report in reports for one in report.documents if not one.error]
    parts = []
    for status in ("added", "replaced", "unchanged"):
        kinds = [
            _number(sum(one.kind == kind for one in done if one.status == status), kind)
            for kind in ("article", "source")
        ]
        if any(kinds):
            parts.append(f"{' and '.join(filter(None, kinds))} {status}")
    out = sum(bool(one.error) for report in reports for one in report.documents)
    out += sum(bool(report.error and not report.documents) for report in reports)
    if out:
        parts.append(f"{out} {'stays' if out == 1 else 'stay'} out")
    return f"{_number(len(reports), 'file')}: {', '.join(parts) or 'nothing came in'}."


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}" if count else ""


def reports_html(reports: Sequence[FileReport], lines: Sequence[str] = ()) -> str:
    """What became of each file, with links to what was taken in; then `lines` on references."""
    rows = [text("li", counted(reports))]
    for report in reports:
        name = text("span", PurePath(report.path).name, class_="rb-muted")
        inner = "".join(_outcome(one) for one in report.documents)
        if report.error and not report.documents:
            inner = text("p", f"✕ Stays out: {report.error}", class_="rb-refused")
        rows.append(element("li", name + (inner or text("p", report.status))))
    rows += [text("li", line.replace("`", "")) for line in lines]
    return element("ul", "".join(rows), class_="rb-added", role="status")


def _outcome(one: Outcome) -> str:
    if one.error:
        return text("p", f"✕ Stays out: {one.error}", class_="rb-refused")
    place = (
        Place(article=one.document_id) if one.kind == "article" else Place(source=one.document_id)
    )
    opened = text("a", one.title or one.document_id, href=place.href(), data_rb="go")
    said = text("span", f"✓ {one.status} as {one.kind}: ")
    notes = "".join(text("p", note, class_="rb-muted") for note in one.notes)
    return element("p", said + opened) + notes
