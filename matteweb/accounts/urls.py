"""Addresses of accounts, in the three groups that the composition root mounts."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path
from django.views.i18n import set_language

from matteweb.accounts import api, views

# Mounted at the root.
site_patterns: list[URLPattern] = [
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", views.password, name="password"),
    path("language", set_language, name="set_language"),
    path("projects/", views.projects, name="projects"),
    path("projects/<slug:project>/restore", views.project_restore, name="project-restore"),
    path("me/tokens/", views.tokens, name="tokens"),
    path("me/tokens/<int:token>/revoke", views.token_revoke, name="token-revoke"),
    path("api/login", api.LoginView.as_view(), name="api-login"),
    path("api/me", api.MeView.as_view(), name="api-me"),
    path("api/me/tokens/", api.TokensView.as_view(), name="api-tokens"),
    path("api/me/tokens/<int:token>", api.TokenView.as_view(), name="api-token"),
    path("api/projects/", api.ProjectsView.as_view(), name="api-projects"),
]

# Mounted at p/<slug:project>/
page_patterns: list[URLPattern] = [
    path("settings/", views.project_settings, name="settings"),
    path("settings/rename", views.project_rename, name="project-rename"),
    path("settings/archive", views.project_archive, name="project-archive"),
    path("settings/members/", views.member_invite, name="member-invite"),
    path("settings/members/<str:username>/role", views.member_role, name="member-role"),
    path("settings/members/<str:username>/remove", views.member_remove, name="member-remove"),
    path("settings/tokens/", views.project_tokens, name="project-tokens"),
    path("settings/audit/", views.audit, name="audit"),
    path("settings/audit/export.<str:form>", views.audit_export, name="audit-export"),
]

# Mounted at api/projects/<slug:project>/
api_patterns: list[URLPattern] = [
    path("", api.ProjectView.as_view(), name="api-project"),
    path("members/", api.MembersView.as_view(), name="api-members"),
    path("members/<str:username>", api.MemberView.as_view(), name="api-member"),
    path("audit/", api.AuditView.as_view(), name="api-audit"),
    path("audit/export.<str:form>", api.audit_export, name="api-audit-export"),
]
