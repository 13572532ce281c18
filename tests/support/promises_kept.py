"""Compares what people were told with what is there after the crashes: `faults(forum)`."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from app.core.clock import utc_now
from app.core.db import new_session
from app.core.files import FileStore
from app.domain import doctor
from app.domain.webhooks import TYPES
from app.models import (
    Answer,
    Attachment,
    Comment,
    Notification,
    OutboxEvent,
    OutgoingEmail,
    Question,
    Revision,
    Vote,
    WebhookDelivery,
)
from tests.support import machines, recount
from tests.support.crash import Forum
from tests.support.machines import Said

Found = dict[str, list[Any]]
EDITED = {"QuestionEdited": "Edited", "AnswerEdited": "Edited"}


@dataclass(frozen=True)
class Deed:
    """Something that was sent; `done` is what the server said, None when it never answered."""

    kind: str
    by: int
    facts: dict[str, Any]
    done: dict[str, Any] | None = None
    was_refused: bool = False
    failure: str = ""


@dataclass
class Told:
    """Everything that was sent, in the order of each person's doing."""

    deeds: list[Deed] = field(default_factory=list)

    def of(self, kind: str) -> list[Deed]:
        """Return those of a kind."""
        return [deed for deed in self.deeds if deed.kind == kind]

    def __str__(self) -> str:
        done = Counter(deed.kind for deed in self.deeds if deed.done is not None)
        open_ones = sum(deed.done is None and not deed.was_refused for deed in self.deeds)
        return f"acknowledged {dict(sorted(done.items()))}, without an answer {open_ones}"


def read(notes: Iterable[Path]) -> Told:
    """Read what the people noted."""
    told = Told()
    for path in notes:
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        answers = {line["n"]: line for line in lines if "kind" not in line}
        for line in lines:
            if "kind" in line:
                answer = answers.get(line.pop("n"), {})
                kind, by = line.pop("kind"), line.pop("by")
                told.deeds.append(
                    Deed(
                        kind, by, line, answer.get("done"), "refused" in answer, str(answer.get("failed", ""))
                    )
                )
    return told


def faults(forum: Forum) -> Found:
    """Return what is not as it was promised, by kind; call `forum.settle()` before."""
    told = read(forum.notes)
    files = FileStore(forum.settings.uploads_dir)
    with new_session(forum.engine) as db:
        found = {
            "answers that no server should give": [deed.failure for deed in told.deeds if deed.failure],
            "recount": recount.disagreements(db),
            "doctor": list(_of_doctor(db, forum)),
            **_of_texts(db, told),
            **_of_votes(db, told),
            **_of_solutions(db, told),
            **_of_uploads(db, told, files),
            **_of_events(db),
            **_of_webhooks(db, forum),
            **_of_mail(db, forum),
        }
    words = {deed.facts["word"] for deed in told.deeds if "word" in deed.facts}
    of_index = machines.faults_of_index(forum.engine, forum.machine, Said(words=words))
    return {**found, **{f"search index: {name}": wrong for name, wrong in of_index.items()}}


def _of_doctor(db: Session, forum: Forum) -> Iterator[str]:
    looked_at = doctor.Forum(forum.machine.folder, forum.machine.index, secret_key=forum.settings.secret_key)
    for _name, found in doctor.examine(db, looked_at, now=utc_now() + timedelta(hours=2)):
        yield from (finding.message for finding in found if "to no upload" not in finding.message)


def _of_texts(db: Session, told: Told) -> Found:
    """Each text is there once, where it was acknowledged, and no refused one is."""
    times, places = Counter[str](), {}
    revisions = db.exec(select(Revision.post_id, Revision.body)).all()
    for place, body in (*revisions, *db.exec(select(Comment.id, Comment.body)).all()):
        for word in _words(body):
            times[word] += 1
            places[word] = place
    texts = [deed for deed in told.deeds if "word" in deed.facts]
    newest = {row.id: row.body for row in (*db.exec(select(Question)), *db.exec(select(Answer)))}
    return {
        "acknowledged texts missing": [deed for deed in texts if deed.done and not times[deed.facts["word"]]],
        "texts elsewhere": [
            deed
            for deed in texts
            if deed.done and places.get(deed.facts["word"]) not in (None, int(deed.done["id"]))
        ],
        "texts there twice": [word for word, number in times.items() if number > 1],
        "refused texts there": [deed for deed in texts if deed.was_refused and times[deed.facts["word"]]],
        "edits undone": [
            post
            for post, last in _last(told.of("edit"), "post").items()
            if not any(deed.facts["word"] in newest.get(post, "") for deed in last)
        ],
    }


def _of_votes(db: Session, told: Told) -> Found:
    present = {(vote.post_id, vote.user_id): vote.value for vote in db.exec(select(Vote))}
    by_voter = defaultdict(list)
    for deed in told.of("vote"):
        by_voter[deed.facts["post"], deed.by].append(deed)
    return {
        "votes otherwise": [
            key
            for key, deeds in by_voter.items()
            if present.get(key, 0) not in {deed.facts["value"] for deed in _possible(deeds)}
            and (key in present or any(deed.done is not None for deed in deeds))
        ]
    }


def _of_solutions(db: Session, told: Told) -> Found:
    accepted = {row.id: row.accepted_answer_id for row in db.exec(select(Question))}
    return {
        "solutions otherwise": [
            question
            for question, last in _last(told.of("accept"), "question").items()
            if accepted.get(question) not in {deed.facts["answer"] for deed in last}
        ]
    }


def _of_uploads(db: Session, told: Told, files: FileStore) -> Found:
    kept = Counter((row.author_id, row.sha256) for row in db.exec(select(Attachment)))
    wrong = []
    for deed in told.of("upload"):
        if deed.done is None:
            continue
        sha256, _, extension = deed.done["url"].rpartition("/")[2].partition(".")
        content = files.read(sha256, extension)
        if kept[deed.by, sha256] != 1 or content is None or hashlib.sha256(content).hexdigest() != sha256:
            wrong.append(deed.done["url"])
    return {"uploads missing": wrong}


def _of_events(db: Session) -> Found:
    """Each change has its event once, and each event its change."""
    events = db.exec(select(OutboxEvent)).all()
    told = Counter((EDITED.get(event.name, event.name), _subject(event)) for event in events)
    edited = select(Revision.post_id, Revision.number).where(Revision.number > 1)
    there: Counter[tuple[str, int | None]] = Counter(
        [
            *(("QuestionAsked", number) for number in db.exec(select(Question.id))),
            *(("AnswerPosted", number) for number in db.exec(select(Answer.id))),
            *(("CommentPosted", number) for number in db.exec(select(Comment.id))),
            *(("Edited", post) for post, _number in db.exec(edited)),
        ]
    )
    compared = ("QuestionAsked", "AnswerPosted", "CommentPosted", "Edited")
    told = Counter({key: number for key, number in told.items() if key[0] in compared})
    return {
        "changes without their event": list((there - told).elements()),
        "events without their change": list((told - there).elements()),
    }


def _of_webhooks(db: Session, forum: Forum) -> Found:
    contents: dict[str, set[bytes]] = defaultdict(set)
    for headers, body in list(forum.receiver.requests):
        contents[headers["webhook-id"]].add(body)
    deliveries = db.exec(select(WebhookDelivery)).all()
    ids = {delivery.message_id for delivery in deliveries}
    expected = Counter(
        (event.id, kind)
        for event in db.exec(select(OutboxEvent))
        for kind in TYPES.get(event.name, ())
        if event.name.startswith(("Question", "Answer", "Comment"))
    )
    made = Counter((delivery.event_id, delivery.type) for delivery in deliveries)
    return {
        "webhooks not made": list((expected - made).elements()),
        "webhooks never received": sorted(ids - contents.keys()),
        "webhooks of what was rolled back": sorted(contents.keys() - ids),
        "webhooks with two contents": [number for number, bodies in contents.items() if len(bodies) > 1],
        "webhooks not done with": [
            delivery.message_id for delivery in deliveries if delivery.state != "delivered"
        ],
    }


def _of_mail(db: Session, forum: Forum) -> Found:
    rows = db.exec(select(OutgoingEmail)).all()
    # Given up is only what nobody needs to be told of any more by the time it is written.
    sent = {row.message_id for row in rows if row.sent_at is not None}
    files = {path.stem for path in forum.settings.mail_dir.glob("*.eml")}
    heard = {(row.user_id, row.post_id) for row in db.exec(select(Notification))}
    askers = {row.id: row.author_id for row in db.exec(select(Question))}
    return {
        "e-mails never sent": sorted(sent - files),
        "e-mails of what was rolled back": sorted(files - {row.message_id for row in rows}),
        "e-mails waiting": [row.id for row in rows if row.sent_at is None and row.failed_at is None],
        "answers that their askers were not told of": [
            row.id
            for row in db.exec(select(Answer))
            if askers[row.question_id] != row.author_id and (askers[row.question_id], row.id) not in heard
        ],
    }


def _last(deeds: Sequence[Deed], of: str) -> dict[int, list[Deed]]:
    """Return, for each subject that was surely changed, the deeds of which one must be what is there now."""
    by_subject: defaultdict[int, list[Deed]] = defaultdict(list)
    for deed in deeds:
        by_subject[deed.facts[of]].append(deed)
    return {
        subject: _possible(own)
        for subject, own in by_subject.items()
        if any(deed.done is not None for deed in own)
    }


def _possible(deeds: Sequence[Deed]) -> list[Deed]:
    """Return the last that was acknowledged with all after it that may have been done, too.

    Each subject here is changed by one person only, who waits for each answer.
    """
    possible: list[Deed] = []
    for deed in deeds:
        if deed.done is not None:
            possible = [deed]
        elif not deed.was_refused:
            possible.append(deed)
    return possible


def _subject(event: OutboxEvent) -> int | None:
    payload = event.payload
    for name in ("comment_id", "answer_id", "question_id"):
        if payload.get(name):
            return int(payload[name])
    return None


def _words(body: str) -> set[str]:
    return {word.strip(",.") for word in body.split() if word.startswith("quagga")}
