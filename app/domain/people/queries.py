"""Reading members."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.errors import NotFound
from app.core.handles import skeleton
from app.core.paging import PAGE_SIZE, PageOf, offset_of, page_of
from app.models import Answer, BadgeAward, FormerHandle, Question, QuestionTag, Tag, User

SORTS = ("reputation", "newest", "staff")
BADGES_SHOWN = 40
_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True)
class Profile:
    """What a member's page counts."""

    answer_count: int
    accepted_count: int
    question_count: int
    badges: Sequence[BadgeAward]


def experts_on_products(db: Session, product_ids: Collection[int], *, limit: int = 5) -> Sequence[User]:
    """Return who gave most accepted answers on these products."""
    return db.exec(_experts().where(col(Question.product_id).in_(product_ids)).limit(limit)).all()


def experts_on_tag(db: Session, tag: Tag, *, limit: int = 5) -> Sequence[User]:
    """Return who gave most accepted answers under a tag."""
    tagged = _experts().join(QuestionTag, col(QuestionTag.question_id) == col(Question.id))
    return db.exec(tagged.where(QuestionTag.tag_id == tag.id).limit(limit)).all()


def listing(db: Session, *, sort: str = "reputation", find: str = "", page: int = 1) -> PageOf[User]:
    """Return a page of members, by a sort of SORTS; `find` is the beginning of a name, or a handle."""
    statement = select(User).where(col(User.deleted_at).is_(None))
    if sort == "staff":
        statement = statement.where((col(User.support_role) != "") | (col(User.moderation_role) != ""))
    if find:
        statement = statement.where(_is_called(db, find))
    order = [col(User.id).desc()] if sort == "newest" else [col(User.reputation).desc(), col(User.id).desc()]
    rows = db.exec(statement.order_by(*order).offset(offset_of(page)).limit(PAGE_SIZE + 1)).all()
    return page_of(rows, number=page)


def profile(db: Session, member: User) -> Profile:
    """Return the numbers and badges of a member's page, from what the public may see."""
    answers = (
        select(func.count())
        .select_from(Answer)
        .join(Question, col(Question.id) == col(Answer.question_id))
        .where(
            Answer.author_id == member.id,
            col(Answer.removed_at).is_(None),
            col(Question.removed_at).is_(None),
        )
    )
    questions = (
        select(func.count())
        .select_from(Question)
        .where(Question.author_id == member.id, col(Question.removed_at).is_(None))
    )
    badges = select(BadgeAward).where(BadgeAward.user_id == member.id)
    return Profile(
        answer_count=db.exec(answers).one(),
        accepted_count=db.exec(answers.where(col(Question.accepted_answer_id) == col(Answer.id))).one(),
        question_count=db.exec(questions).one(),
        badges=db.exec(badges.order_by(col(BadgeAward.awarded_at).desc()).limit(BADGES_SHOWN)).all(),
    )


def by_former_handle(db: Session, handle: str) -> User | None:
    """Return the member whose handle this was, or whose handle is written differently; None for nobody."""
    key = skeleton(handle)
    former = db.get(FormerHandle, key)
    who = User.id == former.user_id if former else col(User.handle_key) == key
    return db.exec(select(User).where(who, col(User.deleted_at).is_(None))).first()


def by_handle(db: Session, handle: str) -> User:
    """Return the member of this handle; raise NotFound, also for accounts that were deleted."""
    found = db.exec(select(User).where(User.handle == handle)).first()
    if found is None or found.deleted_at is not None:
        raise NotFound
    return found


def _is_called(db: Session, find: str) -> Any:
    """Return the condition of a name that begins like this, in a form that the index on names can serve."""
    beginnings = {find, find.lower(), find.upper(), find.capitalize(), find.title()}
    names = [_begins(db, beginning) for beginning in sorted(beginnings)]
    return or_(*names, col(User.handle_key) == skeleton(find))


def _begins(db: Session, beginning: str) -> Any:
    if db.get_bind().dialect.name == "postgresql":
        return col(User.display_name).startswith(beginning, autoescape=True)
    return and_(col(User.display_name) >= beginning, col(User.display_name) < beginning + _LAST_CHARACTER)


def _experts() -> SelectOfScalar[User]:
    return (
        select(User)
        .join(Answer, col(Answer.author_id) == col(User.id))
        .join(Question, col(Question.accepted_answer_id) == col(Answer.id))
        .where(col(Question.removed_at).is_(None), col(User.deleted_at).is_(None))
        .group_by(*User.__table__.columns)  # type: ignore[attr-defined]
        .order_by(func.count().desc(), col(User.id))
    )
