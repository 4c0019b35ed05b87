"""What changes users, projects, members and tokens; one module per entity."""

from __future__ import annotations

from matteweb.accounts.services.audit import audit
from matteweb.accounts.services.members import (
    local_owner_ensure,
    member_invite,
    member_remove,
    member_set_role,
    member_user,
)
from matteweb.accounts.services.projects import (
    project_archive,
    project_create,
    project_rename,
    project_restore,
)
from matteweb.accounts.services.tokens import NewToken, token_check, token_create, token_revoke
from matteweb.accounts.services.users import (
    FIRST_OWNER_USERNAME,
    LOCAL_USERNAME,
    first_owner_ensure,
    local_user_ensure,
    user_change_password,
    user_invite,
    user_reset_password,
)

__all__ = [
    "FIRST_OWNER_USERNAME",
    "LOCAL_USERNAME",
    "NewToken",
    "audit",
    "first_owner_ensure",
    "local_owner_ensure",
    "local_user_ensure",
    "member_invite",
    "member_remove",
    "member_set_role",
    "member_user",
    "project_archive",
    "project_create",
    "project_rename",
    "project_restore",
    "token_check",
    "token_create",
    "token_revoke",
    "user_change_password",
    "user_invite",
    "user_reset_password",
]
