"""Pages: login, password, projects, a project's settings, tokens, audit log."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from matteweb.accounts import selectors, services
from matteweb.accounts.access import membership_for
from matteweb.accounts.audit_export import audit_file
from matteweb.accounts.forms import (
    InviteForm,
    LoginForm,
    PasswordForm,
    ProjectForm,
    RoleForm,
    TokenForm,
)
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import (
    ProjectRequest,
    UserRequest,
    page_actor,
    project_page,
    signed_in,
)
from matteweb.errors import BadInput

AUDIT_ROWS = 50


class Login(LoginView):
    """Log in; failures are counted by axes, which answers with ``lockout.locked_out``."""

    authentication_form = LoginForm
    redirect_authenticated_user = True


@sensitive_post_parameters()
@never_cache
@signed_in
@require_http_methods(["GET", "POST"])
def password(request: UserRequest) -> HttpResponse:
    """Change one's own password; the sessions on other machines end."""
    form = PasswordForm(request.user, request.POST or None)
    if form.is_valid():
        chosen = form.cleaned_data["new_password1"]
        services.user_change_password(user=request.user, password=chosen, actor=page_actor(request))
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your password is changed."))
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "registration/password.html", {"form": form}, status=_status(form))


@signed_in
@require_http_methods(["GET", "POST"])
def projects(request: UserRequest) -> HttpResponse:
    """Show the user's projects and create one."""
    form = ProjectForm(request.POST or None)
    if form.is_valid():
        made = services.project_create(name=form.cleaned_data["name"], actor=page_actor(request))
        return redirect(settings.PROJECT_HOME, project=made.slug)
    archived = selectors.memberships_of(request.user, archived=True).filter(role=Role.OWNER)
    context = {
        "memberships": selectors.memberships_of(request.user),
        "archived": archived,
        "form": form,
        "home": settings.PROJECT_HOME,
    }
    return render(request, "accounts/projects.html", context, status=_status(form))


@signed_in
@require_POST
def project_restore(request: UserRequest, project: str) -> HttpResponse:
    """Bring an archived project back."""
    found = membership_for(request.user, project, Role.OWNER, archived=True).project
    services.project_restore(project=found, actor=page_actor(request))
    return redirect(settings.PROJECT_HOME, project=found.slug)


@project_page(Role.VIEWER)
@require_GET
def project_settings(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show name and members; the owner also sees what changes them."""
    return _settings_page(request, project)


@project_page(Role.OWNER)
@require_POST
def project_rename(request: ProjectRequest, project: Project) -> HttpResponse:
    """Rename the project."""
    form = ProjectForm(request.POST)
    if not form.is_valid():
        return _settings_page(request, project, rename_form=form)
    services.project_rename(
        project=project, name=form.cleaned_data["name"], actor=page_actor(request)
    )
    messages.success(request, _("The project is renamed."))
    return redirect("settings", project=project.slug)


@project_page(Role.OWNER)
@require_POST
def project_archive(request: ProjectRequest, project: Project) -> HttpResponse:
    """Archive the project."""
    services.project_archive(project=project, actor=page_actor(request))
    messages.success(
        request, _("“%(name)s” is archived. You can restore it here.") % {"name": project.name}
    )
    return redirect("projects")


@project_page(Role.OWNER)
@require_http_methods(["GET", "POST"])
@never_cache
def member_invite(request: ProjectRequest, project: Project) -> HttpResponse:
    """Add a member; the one-time password of a new person is shown in this answer only."""
    if request.method == "GET":  # the address of that answer, loaded again
        return redirect("settings", project=project.slug)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _settings_page(request, project, invite_form=form)
    member, one_time = services.member_invite(
        project=project,
        username=form.cleaned_data["username"],
        role=Role(form.cleaned_data["role"]),
        actor=page_actor(request),
    )
    if one_time:
        return _settings_page(request, project, invited=member.user, one_time_password=one_time)
    messages.success(request, _("%(name)s is a member now.") % {"name": member.user.username})
    return redirect("settings", project=project.slug)


@project_page(Role.OWNER)
@require_POST
def member_role(request: ProjectRequest, project: Project, username: str) -> HttpResponse:
    """Change a member's role."""
    user = services.member_user(project=project, username=username)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise BadInput("There is no such role.", hint=f"One of: {', '.join(Role.values)}.")
    services.member_set_role(
        project=project,
        user=user,
        role=Role(form.cleaned_data["role"]),
        actor=page_actor(request),
    )
    messages.success(request, _("%(name)s has another role now.") % {"name": username})
    return redirect("settings", project=project.slug)


@project_page(Role.OWNER)
@require_POST
def member_remove(request: ProjectRequest, project: Project, username: str) -> HttpResponse:
    """Take a member out of the project."""
    user = services.member_user(project=project, username=username)
    services.member_remove(project=project, user=user, actor=page_actor(request))
    messages.success(request, _("%(name)s is no member any more.") % {"name": username})
    if user == request.user:
        return redirect("projects")
    return redirect("settings", project=project.slug)


@project_page(Role.VIEWER)
@require_GET
def audit(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show who did what, newest first."""
    paginator = Paginator(selectors.audit_of(project), AUDIT_ROWS)
    page = paginator.get_page(request.GET.get("page"))
    return render(request, "accounts/audit.html", {"page": page})


@project_page(Role.VIEWER)
@require_GET
def audit_export(request: ProjectRequest, project: Project, form: str) -> StreamingHttpResponse:
    """Answer with the whole log as CSV or JSON lines."""
    return audit_file(project, form)


@signed_in
@require_http_methods(["GET", "POST"])
def tokens(request: UserRequest) -> HttpResponse:
    """Show and make the user's own tokens, outside any project."""
    return _tokens_page(request)


@project_page(Role.VIEWER)
@require_http_methods(["GET", "POST"])
def project_tokens(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the same tokens among a project's settings."""
    return _tokens_page(request)


@signed_in
@require_POST
def token_revoke(request: UserRequest, token: int) -> HttpResponse:
    """Revoke one of the user's own tokens."""
    services.token_revoke(user=request.user, token_id=token, actor=page_actor(request))
    messages.success(request, _("The token is revoked."))
    return redirect("tokens")


@never_cache
def _tokens_page(request: UserRequest) -> HttpResponse:
    form = TokenForm(request.POST or None)
    made = None
    if form.is_valid():
        made = services.token_create(
            user=request.user,
            name=form.cleaned_data["name"],
            expires_at=form.expires_at(),
            actor=page_actor(request),
        )
        form = TokenForm()
    context = {"tokens": selectors.tokens_of(request.user), "form": form, "made": made}
    return render(request, "accounts/tokens.html", context, status=_status(form))


def _settings_page(request: ProjectRequest, project: Project, **extra: Any) -> HttpResponse:
    context: dict[str, Any] = {
        "members": selectors.members_of(project),
        "roles": Role.choices,
        "may_manage": request.role == Role.OWNER,
        "local_username": services.LOCAL_USERNAME,
        "rename_form": ProjectForm(initial={"name": project.name}),
        "invite_form": InviteForm(),
    } | extra
    bad = any(_status(form) != 200 for form in (context["rename_form"], context["invite_form"]))
    return render(request, "accounts/settings.html", context, status=400 if bad else 200)


def _status(form: Any) -> int:
    """Return 400 for a form that was sent with mistakes, so that programs notice as well."""
    return 400 if form.is_bound and not form.is_valid() else 200
