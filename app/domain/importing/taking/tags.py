"""Tags: those of Tags.xml and those that only questions carry."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from app.domain.importing.source.rows import ExcerptRow, Parsed, TagRow
from app.domain.importing.source.texts import cut, tag_name
from app.domain.importing.taking import bulk
from app.domain.importing.taking.run import ADAPTED, LEFT_OUT, TAKEN, Run
from app.models import Tag

DESCRIPTION_LENGTH = 500


def take_tags(db: Session, run: Run, parsed: Parsed[TagRow]) -> None:
    """Make the tags of a piece of Tags.xml, and remember which post describes each."""
    ids = ensure(db, run, (row.name for row in parsed.rows))
    excerpts: dict[str, int] = {}
    for row in parsed.rows:
        if row.name not in ids:
            run.count("Tags", LEFT_OUT, "nothing in its name can be in a tag")
            continue
        run.count("Tags", TAKEN)
        if tag_name(row.name) != row.name:
            run.count("Tags", ADAPTED, "its name was spelled as ours are")
        if row.excerpt is not None:
            excerpts[str(row.excerpt)] = ids[row.name]
    run.count_all("Tags", LEFT_OUT, parsed.left_out)
    run.count_all("Tags", ADAPTED, parsed.adapted)
    present = run.excerpts.find(db, excerpts)
    run.excerpts.keep(db, {key: tag_id for key, tag_id in excerpts.items() if key not in present})


def ensure(db: Session, run: Run, written: Iterable[str]) -> dict[str, int]:
    """Return the tag of each name as written in the dump, made now if there is none; a synonym gives its tag."""
    names = {name: tag_name(name) for name in set(written)}
    known = _known(db, set(names.values()))
    missing = sorted({name for name in names.values() if name and name not in known})
    ids = bulk.reserve(db, Tag, len(missing))
    rows = [
        {"id": tag_id, "name": name, "description": "", "question_count": 0, "created_at": run.now}
        for tag_id, name in zip(ids, missing, strict=True)
    ]
    bulk.insert(db, Tag, rows)
    known |= dict(zip(missing, ids, strict=True))
    return {name: known[spelled] for name, spelled in names.items() if spelled}


def describe(db: Session, run: Run, excerpts: list[ExcerptRow]) -> None:
    """Give tags the descriptions that the dump keeps among the posts; one that staff wrote stays."""
    tag_ids = run.excerpts.find_numbers(db, (row.id for row in excerpts))
    changes = []
    for row in excerpts:
        if row.id in tag_ids:
            run.count("Posts", TAKEN)
            if len(row.text) > DESCRIPTION_LENGTH:
                run.count("Posts", ADAPTED, "the description of its tag was cut to 500 characters")
            changes.append({"tag_id": tag_ids[row.id], "text": cut(row.text, DESCRIPTION_LENGTH)})
        else:
            run.count("Posts", LEFT_OUT, "it describes no tag of the dump (PostTypeId 4)")
    if changes:
        table = Tag.__table__  # type: ignore[attr-defined]
        statement = update(table).where(table.c.id == bindparam("tag_id"), table.c.description == "")
        db.connection().execute(statement.values(description=bindparam("text")), changes)


def _known(db: Session, names: set[str]) -> dict[str, int]:
    rows = db.exec(select(Tag).where(col(Tag.name).in_(names)))
    return {tag.name: tag.synonym_of_id or tag.id or 0 for tag in rows}
