"""The review of an article: its audit as a table, the steps so far, and the next one."""

from __future__ import annotations

import streamlit as st

from ragbot.audit.report import AuditReport
from ragbot.audit.review import Wish, move, steps
from ragbot.errors import RagbotError
from ragbot.types import REVIEW_STEPS, Document
from ragbot.ui.actions import until
from ragbot.ui.article_html import details_of, review_steps
from ragbot.ui.audit_html import awaited_html, steps_html, table_html
from ragbot.ui.house import House
from ragbot.ui.markup import STATUS_NAMES, error_html, text

TOLD = "review-told"
"""Where the session keeps what became of the step taken last."""
ABOUT = (
    "A step is logged with its name, the time and the audit's figures. The audit is made by code: "
    "it says where to look, not what is right."
)


def review_part(house: House, articles: list[Document]) -> None:
    """One article's review, behind a fold: the audit is made only where somebody looks."""
    with st.expander("Review and audit", key="review", on_change="rerun") as fold:
        if not fold.open or not articles:
            return
        titles = {article.id: article.title for article in articles}
        slug = st.selectbox("Article", titles, format_func=titles.__getitem__, key="review-article")
        article = house.article(slug)
        is_made = house.audit(article)[0]
        until(is_made, _review)(house, article, is_made)


def _review(house: House, article: Document, was_made: bool) -> None:
    is_made, report = house.audit(article)
    if is_made and not was_made:
        st.rerun()  # to look no more
    st.html(review_steps(details_of(article).status) + text("p", ABOUT, class_="rb-muted"))
    if told := st.session_state.get(TOLD):
        st.html(told)
    if report is None:
        st.html(awaited_html(failed=is_made))
        return
    st.html(table_html(report))
    try:
        st.html(steps_html(steps(house.bot.settings.corpus, article.id)))
    except RagbotError as error:
        st.html(error_html(str(error)))
        return
    _form(house, article, report)


def _form(house: House, article: Document, report: AuditReport) -> None:
    at = REVIEW_STEPS.index(details_of(article).status)
    onward = [*REVIEW_STEPS[at + 1 : at + 2], *(REVIEW_STEPS[:1] if at else ())]
    with st.form(f"review-{article.id}", border=False):
        to = st.selectbox("Next step", onward, format_func=STATUS_NAMES.__getitem__)
        name = st.text_input("Your name", max_chars=100)
        note = st.text_input("Remark", help="Needed to go back to submitted.", max_chars=2000)
        accept = ""
        if not report.passes(1.0):
            accept = st.text_input("Why what the audit found is accepted", max_chars=2000)
        if st.form_submit_button("Take this step"):
            st.session_state[TOLD] = _taken(house, report, Wish(to or "", name, note, accept))
            st.rerun()


def _taken(house: House, report: AuditReport, wish: Wish) -> str:
    """Take the step and index the article anew; what became of it, as HTML."""
    from ragbot.index.sync import sync

    try:
        step = move(house.bot.settings.corpus, report, wish)
        sync(house.bot.settings)
    except RagbotError as error:
        return error_html(str(error))
    said = f"{report.title} is now {STATUS_NAMES[step.after].lower()}, by {step.name}."
    return text("p", said, role="status")
