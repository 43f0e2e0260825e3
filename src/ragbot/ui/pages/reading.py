"""The article page: read, ask, and open what an answer rests on."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from ragbot.errors import RagbotError, StorageError, UnknownConversationError
from ragbot.types import Audience, Document, Turn
from ragbot.ui.actions import anchor_of, ask, fresh_turns, listen, place_now, until
from ragbot.ui.answer_html import answer_html, live_html, question_html
from ragbot.ui.article_html import article_body, contents, disclaimer, header
from ragbot.ui.audit_html import awaited_html, marks, summary_html
from ragbot.ui.desk import Job
from ragbot.ui.export import Record, as_markdown
from ragbot.ui.export_pdf import as_pdf, undrawable
from ragbot.ui.export_word import as_word
from ragbot.ui.house import House
from ragbot.ui.markup import element, error_html, text
from ragbot.ui.pages.library import library_page, source_page
from ragbot.ui.panel import draw_panel
from ragbot.ui.place import Place
from ragbot.ui.rating import rating_html, why_dialog

ASK = "Have a follow-up question?"
CONVERSATIONS_SHOWN = 8
POLL_SECONDS = 0.25
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
AUDIENCES: dict[Audience, str] = {
    "clinician": "Clinician",
    "trainee": "Trainee",
    "patient": "Patient or family",
}


def reading_page(house: House) -> None:
    """The article that the address names; without one, the library."""
    place = place_now()
    if place.source is not None:
        source_page(house, place.source)
        return
    if place.article is None:
        library_page(house)
        return
    article = house.article(place.article)
    st.set_page_config(page_title=article.title)
    beside = st.container(key="beside")  # first, so that its fragment keeps its identity
    above = st.container(key="reading")
    with st.container(key="ask"):
        if question := st.chat_input(ASK, key="question"):
            ask(house, question)
    place = place_now()
    sources = house.sources(article)
    with above:
        until(house.audit(article)[0], _article)(article, sources, place, house)
        try:
            _conversation(house, article, place)
        except RagbotError as error:  # the article is readable without it
            st.html(error_html(str(error)))
    _sidebar(house, article, place)
    with beside:
        panel(house, article, sources)


def _article(article: Document, sources: dict[str, Document], place: Place, house: House) -> None:
    is_made, report = house.audit(article)
    told = summary_html(report) if report else awaited_html(failed=is_made)
    st.html(header(article) + told)
    st.segmented_control(
        "Which best describes you?",
        list(AUDIENCES),
        format_func=lambda name: AUDIENCES[name],
        default="clinician",
        required=True,
        key="audience",
    )
    closing = disclaimer(house.bot.settings.disclaimer_text())
    notes = marks(report) if report else ()
    st.html(article_body(article, sources, Place(article=place.article), notes) + closing)


def _turns(house: House, place: Place) -> Sequence[Turn]:
    if place.conversation is None:
        return []
    kept = house.bot.conversations.get(place.conversation)
    if kept is not None and kept.article != place.article:
        raise UnknownConversationError(
            f"The conversation {kept.id!r} is on another article, {kept.article!r}.",
            remedy="Open it from the history.",
        )
    return house.bot.conversations.turns(place.conversation)


def _conversation(house: House, article: Document, place: Place) -> None:
    if place.conversation is None:
        return
    jobs = house.desk.live(place.conversation)  # before the turns: an answer is in one of them
    turns = _turns(house, place)
    kept = {f.turn.id: f for f in house.bot.conversations.feedback(place.conversation)}
    fresh = fresh_turns()
    last = len(turns)
    for number, turn in enumerate(turns, start=1):
        inner = answer_html(turn.answer, place, house.title)
        inner += rating_html(turn.id, kept.get(turn.id))
        name = anchor_of(place.conversation, number)
        st.html(turn_html(turn.answer.question, inner, number, name if name in fresh else None))
    for job in house.desk.ended(place.conversation):
        st.html(turn_html(job.question, _ended_html(job, place), last + 1))
    why_dialog(house, kept)
    if jobs:
        _live(house, place, last, jobs)
    elif turns:
        is_made = house.suggested(article.id, place.conversation, last) is not None
        until(is_made, _suggestions)(house, article, place.conversation, last)
        _export(house, article, turns)


@st.fragment(run_every=POLL_SECONDS)
def _live(house: House, place: Place, before: int, jobs: list[Job]) -> None:
    if house.desk.live(place.conversation or "") != jobs:
        st.rerun()  # one more is answered
    for number, job in enumerate(jobs, start=before + 1):
        name = anchor_of(job.conversation_id, number)
        inner = live_html(job.question, job.understood, job.stated, place)
        st.html(turn_html(job.question, inner, number, name))
    first = jobs[0]
    label = "Stopping …" if first.was_stopped else "Stop"
    st.button(label, key="stop", on_click=first.stop, disabled=first.was_stopped)


def _suggestions(house: House, article: Document, conversation: str, turns: int) -> None:
    """Suggested follow-ups, drawn once they are there."""
    if suggested := house.suggested(article.id, conversation, turns):
        st.html(suggestions_html(suggested))


def suggestions_html(questions: Sequence[str]) -> str:
    """Follow-ups that the library answers, each asked by one click."""
    rows = [element("button", escape(one), data_rb="ask", data_question=one) for one in questions]
    name = text("p", "The library also answers", class_="rb-muted")
    inner = name + element("div", "".join(rows), class_="rb-tools")
    return element(
        "div", inner, class_="rb-suggested", role="group", aria_label="Suggested follow-ups"
    )


def turn_html(question: str, inner: str, number: int, fresh: str | None = None) -> str:
    """One question with what came of it; where `fresh` names it, it is scrolled to and read out."""
    return element(
        "section",
        question_html(question, number) + inner,
        class_="rb-turn",
        aria_label=f"Question {number}",
        data_rb_fresh=fresh,
    )


def _ended_html(job: Job, place: Place) -> str:
    if job.state == "failed":
        inner = error_html(job.error)
    else:
        inner = live_html(job.question, job.understood, job.stated, place, working=False)
    again = element("button", "Ask again", data_rb="ask", data_question=job.question)
    edit = element("button", "Edit question", data_rb="edit", data_question=job.question)
    return inner + element("div", again + edit, class_="rb-tools")


def _export(house: House, article: Document, turns: Sequence[Turn]) -> None:
    words = house.bot.settings.disclaimer_text()
    record = Record.of(article, turns)
    with st.container(key="export", horizontal=True, vertical_alignment="center"):
        st.html(text("span", "Export the conversation:", class_="rb-muted"), width="content")
        st.download_button(
            "Markdown",
            lambda: as_markdown([record], words),
            file_name=f"{article.id}.md",
            mime="text/markdown",
            on_click="ignore",
        )
        st.download_button(
            "Word",
            lambda: as_word(record, words),
            file_name=f"{article.id}.docx",
            mime=WORD_TYPE,
            on_click="ignore",
        )
        if lacking := undrawable(record, words):
            st.html(text("span", f"No PDF: its font lacks {lacking[:20]}", class_="rb-muted"))
        else:
            st.download_button(
                "PDF",
                lambda: as_pdf(record, words),
                file_name=f"{article.id}.pdf",
                mime="application/pdf",
                on_click="ignore",
            )
        st.html(element("button", "Print", data_rb="print"), width="content")


def _sidebar(house: House, article: Document, place: Place) -> None:
    parts = [text("h2", "Contents"), contents(article)]
    parts.append(text("h2", "Conversations on this article"))
    try:
        parts.append(_conversations_html(house, article, place))
    except StorageError as error:  # the article is readable without them
        parts.append(error_html(str(error)))
    with st.sidebar:
        st.html("".join(parts))


def _conversations_html(house: House, article: Document, place: Place) -> str:
    kept = house.bot.conversations.list(article=article.id)
    rows = []
    for conversation in kept[:CONVERSATIONS_SHOWN]:
        here = conversation.id == place.conversation
        href = Place(article=article.id, conversation=conversation.id).href()
        current = "page" if here else None
        named = text("a", conversation.name, href=href, data_rb="go", aria_current=current)
        rows.append(element("li", named))
    if place.conversation is not None or not kept:
        href = Place(article=article.id).href()
        named = text("a", "New conversation", href=href, data_rb="go")
        rows.insert(0, element("li", named))
    return element("ul", "".join(rows), class_="rb-conversations")


@st.fragment
def panel(house: House, article: Document, sources: dict[str, Document]) -> None:
    """The source panel beside the page, and the clicks that open it."""
    listen(house)
    draw_panel(house, article, sources, place_now())
