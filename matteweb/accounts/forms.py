"""What people type into the pages of accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matteweb.accounts.models import Role, User
from matteweb.accounts.services import LOCAL_USERNAME

EXPIRY_DAYS = (("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year")), ("", _("never")))


def _text(**attributes: str) -> dict[str, Any]:
    """Return the attributes of a text field; spelling correction has no place in any of ours."""
    return {"class": "in", "spellcheck": "false", **attributes}


class LoginForm(AuthenticationForm):
    """Username and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs |= _text(autocomplete="username", autofocus="")
        self.fields["password"].widget.attrs |= _text(autocomplete="current-password")


class PasswordForm(PasswordChangeForm):
    """The old password once, the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].widget.attrs |= _text(autofocus="")
        if self.user.must_change_password:
            self.fields["old_password"].label = _("One-time password")
        self.fields["new_password1"].widget.attrs |= _text()
        self.fields["new_password1"].help_text = _("At least 10 characters; not a common one.")
        self.fields["new_password2"].widget.attrs |= _text()
        self.fields["new_password2"].label = _("New password again")
        self.fields["new_password2"].help_text = ""

    def clean_new_password1(self) -> str:
        """Refuse the password in use: after a one-time password it would stay for ever."""
        password: str = self.cleaned_data["new_password1"]
        if self.user.check_password(password):
            raise ValidationError(_("This is the password in use."))
        return password


class ProjectForm(forms.Form):
    """The name of a project; its address is made from it."""

    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(_text(autocomplete="off"))
    )


class InviteForm(forms.Form):
    """Somebody who is to work in the project."""

    username = forms.CharField(
        label=_("Username"),
        max_length=150,
        validators=[User.username_validator],
        widget=forms.TextInput(_text(autocomplete="off", autocapitalize="none")),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        initial=Role.ANNOTATOR,
        widget=forms.Select({"class": "in"}),
    )

    def clean_username(self) -> str:
        """Refuse the name under which commands act."""
        username: str = self.cleaned_data["username"]
        if username.lower() == LOCAL_USERNAME:
            raise ValidationError(_("This name belongs to the commands."))
        return username


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(choices=Role.choices)


class TokenForm(forms.Form):
    """What a token is for, and how long it lives."""

    name = forms.CharField(
        label=_("What it is for"),
        max_length=80,
        widget=forms.TextInput(_text(autocomplete="off", placeholder="cluster")),
    )
    days = forms.TypedChoiceField(
        label=_("Expires after"),
        choices=EXPIRY_DAYS,
        initial="90",
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.Select({"class": "in"}),
    )

    def expires_at(self) -> Any:
        """Return the moment of expiry, None for never; only on a valid form."""
        days = self.cleaned_data["days"]
        return None if days is None else timezone.now() + timedelta(days=days)
