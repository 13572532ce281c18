"""escalate to staff.

Revision ID: 0007
Revises: 0006
Created: 2026-11-23 02:34:39.777968
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TARGETS = {
    "low": {"first_response": 960, "next_reply": 960, "resolution": 4800},
    "normal": {"first_response": 480, "next_reply": 480, "resolution": 2400},
    "high": {"first_response": 240, "next_reply": 240, "resolution": 960},
    "urgent": {"first_response": 60, "next_reply": 120, "resolution": 480},
}
"""Minutes of the calendar: a working day has 480."""

TABLES = (
    "clock_step",
    "clock_event",
    "sla_clock",
    "escalation_reason",
    "escalation_presence",
    "escalation_note",
    "escalation_event",
    "escalation",
    "entry_watch",
    "answer_promise",
    "team_product",
    "team_member",
    "sla_policy_version",
    "skill",
    "saved_view",
    "macro",
    "entry_start",
    "entry_rule",
    "calendar_version",
    "absence",
    "team",
    "sla_policy",
    "calendar",
)


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "calendar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar")),
        sa.UniqueConstraint("name", name=op.f("uq_calendar_name")),
    )
    op.create_index(
        "ix_calendar_default",
        "calendar",
        ["is_default"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "sla_policy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("is_catch_all", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_policy")),
        sa.UniqueConstraint("name", name=op.f("uq_sla_policy_name")),
    )
    op.create_index(
        "ix_sla_policy_catch_all",
        "sla_policy",
        ["is_catch_all"],
        unique=True,
        sqlite_where=sa.text("is_catch_all"),
        postgresql_where=sa.text("is_catch_all"),
    )
    op.create_index("ix_sla_policy_position", "sla_policy", ["position", "id"], unique=False)
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("assignment", sa.String(length=20), nullable=False),
        sa.Column("returns_after", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "assignment IN ('manual', 'round_robin', 'least_loaded')",
            name=op.f("ck_team_assignment_is_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_team_slug")),
    )
    op.create_index(
        "ix_team_default",
        "team",
        ["is_default"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_absence_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_absence_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_absence_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(
        "ix_absence_due",
        "absence",
        ["starts_at"],
        unique=False,
        sqlite_where=sa.text("returned_at IS NULL"),
        postgresql_where=sa.text("returned_at IS NULL"),
    )
    op.create_index("ix_absence_user_id", "absence", ["user_id", "ends_at"], unique=False)
    op.create_table(
        "calendar_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("calendar_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        sa.Column("holidays", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["calendar.id"],
            name=op.f("fk_calendar_version_calendar_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["users.id"],
            name=op.f("fk_calendar_version_created_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_version")),
        sa.UniqueConstraint("calendar_id", "version", name=op.f("uq_calendar_version_calendar_id_version")),
    )
    op.create_table(
        "entry_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "code IN ('unanswered', 'asker_waiting', 'not_helpful', 'acceptance_withdrawn', 'many_affected', 'trusted_request', 'by_staff', 'by_api')",
            name=op.f("ck_entry_rule_code_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["users.id"], name=op.f("fk_entry_rule_changed_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_entry_rule_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_rule")),
    )
    op.create_index(
        "ix_entry_rule_of_all",
        "entry_rule",
        ["code"],
        unique=True,
        sqlite_where=sa.text("product_id IS NULL"),
        postgresql_where=sa.text("product_id IS NULL"),
    )
    op.create_index(
        "ix_entry_rule_of_product",
        "entry_rule",
        ["product_id", "code"],
        unique=True,
        sqlite_where=sa.text("product_id IS NOT NULL"),
        postgresql_where=sa.text("product_id IS NOT NULL"),
    )
    op.create_table(
        "entry_start",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["users.id"], name=op.f("fk_entry_start_changed_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_entry_start_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_start")),
    )
    op.create_index(
        "ix_entry_start_of_all",
        "entry_start",
        ["starts_at"],
        unique=False,
        sqlite_where=sa.text("product_id IS NULL"),
        postgresql_where=sa.text("product_id IS NULL"),
    )
    op.create_index(
        "ix_entry_start_of_product",
        "entry_start",
        ["product_id"],
        unique=True,
        sqlite_where=sa.text("product_id IS NOT NULL"),
        postgresql_where=sa.text("product_id IS NOT NULL"),
    )
    op.create_table(
        "macro",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_macro_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_macro_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_macro")),
        sa.UniqueConstraint("name", name=op.f("uq_macro_name")),
    )
    op.create_index("ix_macro_team_id", "macro", ["team_id"], unique=False)
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("sort", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_saved_view_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_view_owner_id_name")),
    )
    op.create_table(
        "skill",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_skill_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_skill_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "product_id", name=op.f("pk_skill")),
    )
    op.create_index("ix_skill_product_id", "skill", ["product_id"], unique=False)
    op.create_table(
        "sla_policy_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("matches", sa.JSON(), nullable=False),
        sa.Column("calendar_id", sa.Integer(), nullable=True),
        sa.Column("targets", sa.JSON(), nullable=False),
        sa.Column("pauses", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("breach_percents", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["calendar.id"],
            name=op.f("fk_sla_policy_version_calendar_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["users.id"],
            name=op.f("fk_sla_policy_version_created_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["sla_policy.id"],
            name=op.f("fk_sla_policy_version_policy_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_policy_version")),
        sa.UniqueConstraint("policy_id", "version", name=op.f("uq_sla_policy_version_policy_id_version")),
    )
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("last_assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_team_member_capacity_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_team_member_team_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_team_member_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_team_member")),
    )
    op.create_index("ix_team_member_user_id", "team_member", ["user_id"], unique=False)
    op.create_table(
        "team_product",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_team_product_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_team_product_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_team_product")),
    )
    op.create_index("ix_team_product_team_id", "team_product", ["team_id"], unique=False)
    op.create_table(
        "answer_promise",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'paused', 'met')", name=op.f("ck_answer_promise_state_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_answer_promise_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_answer_promise")),
    )
    op.create_table(
        "entry_watch",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_entry_watch_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("question_id", "code", name=op.f("pk_entry_watch")),
    )
    op.create_index("ix_entry_watch_due_at", "entry_watch", ["due_at", "question_id"], unique=False)
    op.create_table(
        "escalation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("previous_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("priority", sa.String(length=10), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("policy_version_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_metric", sa.String(length=20), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.String(length=10), nullable=False),
        sa.Column("resolved_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopen_count", sa.Integer(), nullable=False),
        sa.Column("external_references", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "priority IN ('low', 'normal', 'high', 'urgent')", name=op.f("ck_escalation_priority_is_known")
        ),
        sa.CheckConstraint(
            "resolved_by IN ('', 'staff', 'community', 'silent')",
            name=op.f("ck_escalation_resolved_by_is_known"),
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'claimed', 'snoozed', 'waiting_customer', 'waiting_internal', 'resolved', 'closed', 'cancelled')",
            name=op.f("ck_escalation_state_is_known"),
        ),
        sa.CheckConstraint(
            "((CASE WHEN next_due_at IS NULL THEN 1 ELSE 0 END) + (CASE WHEN next_metric IS NULL THEN 1 ELSE 0 END)) IN (0, 2)",
            name=op.f("ck_escalation_next_due_at_has_its_facts"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_escalation_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["policy_version_id"],
            ["sla_policy_version.id"],
            name=op.f("fk_escalation_policy_version_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["previous_id"], ["escalation.id"], name=op.f("fk_escalation_previous_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_escalation_question_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"], ["users.id"], name=op.f("fk_escalation_resolved_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_escalation_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    op.create_index(
        "ix_escalation_due",
        "escalation",
        ["next_due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state NOT IN ('resolved', 'closed', 'cancelled')"),
        postgresql_where=sa.text("state NOT IN ('resolved', 'closed', 'cancelled')"),
    )
    op.create_index(
        "ix_escalation_open_question",
        "escalation",
        ["question_id"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('closed', 'cancelled')"),
        postgresql_where=sa.text("state NOT IN ('closed', 'cancelled')"),
    )
    op.create_index("ix_escalation_opened_at", "escalation", ["opened_at", "id"], unique=False)
    op.create_index(
        "ix_escalation_owner_due",
        "escalation",
        ["owner_id", "next_due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state NOT IN ('resolved', 'closed', 'cancelled')"),
        postgresql_where=sa.text("state NOT IN ('resolved', 'closed', 'cancelled')"),
    )
    op.create_index("ix_escalation_question_id", "escalation", ["question_id"], unique=False)
    op.create_index(
        "ix_escalation_resolved",
        "escalation",
        ["resolved_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'resolved'"),
        postgresql_where=sa.text("state = 'resolved'"),
    )
    op.create_index(
        "ix_escalation_snoozed",
        "escalation",
        ["snoozed_until"],
        unique=False,
        sqlite_where=sa.text("state = 'snoozed'"),
        postgresql_where=sa.text("state = 'snoozed'"),
    )
    op.create_index(
        "ix_escalation_state_due",
        "escalation",
        ["state", "next_due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state NOT IN ('resolved', 'closed', 'cancelled')"),
        postgresql_where=sa.text("state NOT IN ('resolved', 'closed', 'cancelled')"),
    )
    op.create_index(
        "ix_escalation_team_due",
        "escalation",
        ["team_id", "next_due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state NOT IN ('resolved', 'closed', 'cancelled')"),
        postgresql_where=sa.text("state NOT IN ('resolved', 'closed', 'cancelled')"),
    )
    op.create_index(
        "ix_escalation_untouched",
        "escalation",
        ["touched_at"],
        unique=False,
        sqlite_where=sa.text("state = 'claimed'"),
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.create_index(
        "ix_escalation_waiting",
        "escalation",
        ["state_since"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting_customer', 'waiting_internal')"),
        postgresql_where=sa.text("state IN ('waiting_customer', 'waiting_internal')"),
    )
    op.create_table(
        "escalation_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_escalation_event_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["escalation_id"],
            ["escalation.id"],
            name=op.f("fk_escalation_event_escalation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_event")),
    )
    op.create_index(
        "ix_escalation_event_escalation_id", "escalation_event", ["escalation_id", "id"], unique=False
    )
    op.create_table(
        "escalation_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(length=30000), nullable=False),
        sa.Column("body_html", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_escalation_note_author_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["escalation_id"],
            ["escalation.id"],
            name=op.f("fk_escalation_note_escalation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_note")),
    )
    op.create_index(
        "ix_escalation_note_escalation_id", "escalation_note", ["escalation_id", "id"], unique=False
    )
    op.create_table(
        "escalation_presence",
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("doing", sa.String(length=10), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "doing IN ('viewing', 'replying')", name=op.f("ck_escalation_presence_doing_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["escalation_id"],
            ["escalation.id"],
            name=op.f("fk_escalation_presence_escalation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_escalation_presence_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("escalation_id", "user_id", name=op.f("pk_escalation_presence")),
    )
    op.create_index("ix_escalation_presence_seen_at", "escalation_presence", ["seen_at"], unique=False)
    op.create_table(
        "escalation_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "code IN ('unanswered', 'asker_waiting', 'not_helpful', 'acceptance_withdrawn', 'many_affected', 'trusted_request', 'by_staff', 'by_api')",
            name=op.f("ck_escalation_reason_code_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_escalation_reason_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["escalation_id"],
            ["escalation.id"],
            name=op.f("fk_escalation_reason_escalation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_reason")),
    )
    op.create_index(
        "ix_escalation_reason_by",
        "escalation_reason",
        ["by_id", "code", "at"],
        unique=False,
        sqlite_where=sa.text("by_id IS NOT NULL"),
        postgresql_where=sa.text("by_id IS NOT NULL"),
    )
    op.create_index(
        "ix_escalation_reason_escalation_id", "escalation_reason", ["escalation_id"], unique=False
    )
    op.create_table(
        "sla_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("metric", sa.String(length=20), nullable=False),
        sa.Column("policy_version_id", sa.Integer(), nullable=False),
        sa.Column("calendar_version_id", sa.Integer(), nullable=True),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consumed", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "metric IN ('first_response', 'next_reply', 'resolution')",
            name=op.f("ck_sla_clock_metric_is_known"),
        ),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'satisfied', 'breached', 'cancelled')",
            name=op.f("ck_sla_clock_state_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["calendar_version_id"],
            ["calendar_version.id"],
            name=op.f("fk_sla_clock_calendar_version_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalation.id"], name=op.f("fk_sla_clock_escalation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["policy_version_id"],
            ["sla_policy_version.id"],
            name=op.f("fk_sla_clock_policy_version_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_clock")),
    )
    op.create_index(
        "ix_sla_clock_calendar_version",
        "sla_clock",
        ["calendar_version_id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_sla_clock_escalation_id", "sla_clock", ["escalation_id", "id"], unique=False)
    op.create_index(
        "ix_sla_clock_next_step",
        "sla_clock",
        ["next_step_at", "id"],
        unique=False,
        sqlite_where=sa.text("next_step_at IS NOT NULL"),
        postgresql_where=sa.text("next_step_at IS NOT NULL"),
    )
    op.create_index(
        "ix_sla_clock_policy_version_started", "sla_clock", ["policy_version_id", "started_at"], unique=False
    )
    op.create_index(
        "ix_sla_clock_unended",
        "sla_clock",
        ["escalation_id", "metric"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "clock_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clock_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=True),
        sa.Column("calendar_version_id", sa.Integer(), nullable=True),
        sa.Column("policy_version_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('start', 'pause', 'resume', 'warn', 'breach', 'satisfy', 'change', 'cancel', 'reopen')",
            name=op.f("ck_clock_event_kind_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["calendar_version_id"],
            ["calendar_version.id"],
            name=op.f("fk_clock_event_calendar_version_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["sla_clock.id"], name=op.f("fk_clock_event_clock_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["policy_version_id"],
            ["sla_policy_version.id"],
            name=op.f("fk_clock_event_policy_version_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_event")),
    )
    op.create_index("ix_clock_event_clock_id", "clock_event", ["clock_id", "id"], unique=False)
    op.create_table(
        "clock_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clock_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=30), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["sla_clock.id"], name=op.f("fk_clock_step_clock_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_step")),
        sa.UniqueConstraint("clock_id", "step", name=op.f("uq_clock_step_clock_id_step")),
    )

    _begin()


def _begin() -> None:
    """Begin with office hours, one policy for everything, one team, and rules that count from now on."""
    now = datetime.now(UTC)
    days = [{"day": day, "opens": "09:00", "closes": "17:00"} for day in range(5)]
    pauses = {"next_reply": ["waiting_customer"], "resolution": ["waiting_customer"]}
    calendar = _insert("calendar", name="Office hours", is_default=True, version=1, created_at=now)
    _insert(
        "calendar_version",
        calendar_id=calendar,
        version=1,
        timezone="UTC",
        windows=days,
        holidays=[],
        created_at=now,
    )
    policy = _insert(
        "sla_policy",
        name="Everything else",
        position=0,
        is_enabled=True,
        is_catch_all=True,
        version=1,
        created_at=now,
    )
    _insert(
        "sla_policy_version",
        policy_id=policy,
        version=1,
        matches={},
        calendar_id=calendar,
        targets=TARGETS,
        pauses=pauses,
        warnings={"percent": [50, 75], "minutes_before": [15]},
        breach_percents=[50, 100],
        created_at=now,
    )
    _insert("team", name="Support", slug="support", is_default=True, assignment="manual", created_at=now)
    _insert("entry_start", starts_at=now, changed_at=now)


def _insert(table: str, **values: object) -> int:
    found = sa.Table(table, sa.MetaData(), autoload_with=op.get_bind())
    inserted = op.get_bind().execute(found.insert().values(values))
    return int(inserted.inserted_primary_key[0])


def downgrade() -> None:
    """Take it back."""
    for table in TABLES:
        op.drop_table(table)
