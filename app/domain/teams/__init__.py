"""Teams: who takes which escalations, what they know, how much they can carry, and when they are away.

Owns teams with their members and products, skills and absences. Promises: there is one default team;
a question's team is that of its nearest product; `candidate` never names the asker, somebody who is
away, or somebody who is full, and two callers at once never take the same turn.
"""

from app.domain.teams.assignment import MODES, WEIGHTS, Colleague, choose
from app.domain.teams.policy import may_lead, may_note_absence, may_work
from app.domain.teams.queries import (
    MemberOfTeam,
    TeamInShort,
    absences_of,
    by_slug,
    colleagues,
    default_team,
    desk_zone,
    is_away,
    listing,
    load,
    loads,
    members_of,
    products_of,
    skills_of,
    team_for,
    teams_of,
)
from app.domain.teams.service.people import add_absence, end_absence, set_skills
from app.domain.teams.service.setting_up import (
    add_team,
    change_team,
    make_default,
    remove_member,
    retire_team,
    set_member,
)
from app.domain.teams.service.turns import candidate

__all__ = [
    "MODES",
    "WEIGHTS",
    "Colleague",
    "MemberOfTeam",
    "TeamInShort",
    "absences_of",
    "add_absence",
    "add_team",
    "by_slug",
    "candidate",
    "change_team",
    "choose",
    "colleagues",
    "default_team",
    "desk_zone",
    "end_absence",
    "is_away",
    "listing",
    "load",
    "loads",
    "make_default",
    "may_lead",
    "may_note_absence",
    "may_work",
    "members_of",
    "products_of",
    "remove_member",
    "retire_team",
    "set_member",
    "set_skills",
    "skills_of",
    "team_for",
    "teams_of",
]
