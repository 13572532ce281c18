"""Accounts: who people are, how they sign in, and what staff decide about them.

Owns users, login sessions and the tokens of links. Promises: whether an address has an account is
told to nobody but the owner of its mailbox; a link works once; a changed password ends every other
session and link; a deleted account keeps nothing personal; staff acts are in the audit log.
Emits MemberJoined, MemberRenamed, MemberSuspended, MemberReleased, RolesChanged, MemberDeleted.
"""

from app.domain.accounts.events import (
    MemberDeleted,
    MemberJoined,
    MemberReleased,
    MemberRenamed,
    MemberSuspended,
    RolesChanged,
)
from app.domain.accounts.policy import handle_locked_until, may_set_roles, may_sign_out, may_suspend
from app.domain.accounts.queries import (
    SessionRow,
    account_for,
    by_email,
    by_handle,
    has_admin,
    link,
    login,
    sessions_of,
    staff,
    viewer,
)
from app.domain.accounts.service.addresses import PURPOSES as CONFIRM_PURPOSES
from app.domain.accounts.service.addresses import ask_for_link, change_email, confirm_address
from app.domain.accounts.service.joining import create, join_by_word_of, sign_up
from app.domain.accounts.service.leaving import FORMER_MEMBER, delete_account
from app.domain.accounts.service.letters import TEMPLATES, letter
from app.domain.accounts.service.passwords import PURPOSES as RESET_PURPOSES
from app.domain.accounts.service.passwords import (
    ask_for_reset,
    change_password,
    reset_password,
    reset_token,
)
from app.domain.accounts.service.profile import THEMES, change_profile, set_theme
from app.domain.accounts.service.proving import WrongPassword, prove_password_if_any
from app.domain.accounts.service.sessions import ABSOLUTE as SESSION_LIFETIME
from app.domain.accounts.service.sessions import (
    Browser,
    SignedIn,
    WrongCredentials,
    due_at,
    end_other_sessions,
    end_session,
    is_due,
    keep_alive,
    open_session,
    sign_in,
    sign_out,
)
from app.domain.accounts.service.standing import (
    MODERATION_ROLES,
    SUPPORT_ROLES,
    release,
    set_roles,
    sign_out_everywhere,
    suspend,
)
from app.domain.accounts.service.tidying import forget_old
from app.domain.accounts.service.tokens import DeadLink

__all__ = [
    "CONFIRM_PURPOSES",
    "FORMER_MEMBER",
    "MODERATION_ROLES",
    "RESET_PURPOSES",
    "SESSION_LIFETIME",
    "SUPPORT_ROLES",
    "TEMPLATES",
    "THEMES",
    "Browser",
    "DeadLink",
    "MemberDeleted",
    "MemberJoined",
    "MemberReleased",
    "MemberRenamed",
    "MemberSuspended",
    "RolesChanged",
    "SessionRow",
    "SignedIn",
    "WrongCredentials",
    "WrongPassword",
    "account_for",
    "ask_for_link",
    "ask_for_reset",
    "by_email",
    "by_handle",
    "change_email",
    "change_password",
    "change_profile",
    "confirm_address",
    "create",
    "delete_account",
    "due_at",
    "end_other_sessions",
    "end_session",
    "forget_old",
    "handle_locked_until",
    "has_admin",
    "is_due",
    "join_by_word_of",
    "keep_alive",
    "letter",
    "link",
    "login",
    "may_set_roles",
    "may_sign_out",
    "may_suspend",
    "open_session",
    "prove_password_if_any",
    "release",
    "reset_password",
    "reset_token",
    "sessions_of",
    "set_roles",
    "set_theme",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "sign_up",
    "staff",
    "suspend",
    "viewer",
]
