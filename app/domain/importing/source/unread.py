"""What rows of a dump tell that we have no place for: every other attribute of the files is taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

_READ = {
    "Users": "Id DisplayName Reputation CreationDate LastAccessDate Location AboutMe EmailHash",
    "Posts": "Id PostTypeId ParentId AcceptedAnswerId OwnerUserId OwnerDisplayName CreationDate LastEditDate "
    "LastEditorUserId LastEditorDisplayName LastActivityDate Score ViewCount Title Tags Body AnswerCount "
    "CommentCount ClosedDate",
    "Comments": "Id PostId UserId UserDisplayName CreationDate Score Text",
    "Votes": "Id PostId VoteTypeId UserId CreationDate",
    "PostHistory": "Id PostId PostHistoryTypeId RevisionGUID CreationDate UserId UserDisplayName Comment Text",
    "PostLinks": "Id PostId RelatedPostId LinkTypeId CreationDate",
    "Badges": "Id UserId Name Date Class",
    "Tags": "Id TagName Count ExcerptPostId",
}
_ATTRIBUTES = {file: frozenset(names.split()) for file, names in _READ.items()}


def unread(file: str, rows: Iterable[Mapping[str, str]]) -> Counter[str]:
    """Return, for the report, how many rows of a file have an attribute that is not kept."""
    found: Counter[str] = Counter()
    for attributes, number in Counter(map(tuple, rows)).items():  # most rows have the same ones
        for name in set(attributes) - _ATTRIBUTES[file]:
            found[f"its {name[:60]} was not kept"] += number
    return found
