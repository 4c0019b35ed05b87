"""The address of every page, with an object of each kind on it."""

from __future__ import annotations

import json

from tests.e2e.studio import Studio

# The addresses of all pages, with an object of each kind, as the permission table makes them.
_ADDRESSES = """
import json
from django.test import Client
from django.urls import NoReverseMatch, reverse
from matteweb.accounts.models import Membership, Project, Role, User
from tests.matteweb.permissions import PROJECT_URLS, SITE_URLS, TARGETS
from django.conf import settings
settings.ALLOWED_HOSTS = ["*"]
user = User.objects.get(username="lena")
client, found = Client(), {}
client.force_login(user)
for name, row in PROJECT_URLS.items():
    if "get" not in row.least or name.startswith("api-"):
        continue
    project = Project.objects.create(slug=f"pages-{name}", name="Pages")
    Membership.objects.create(project=project, user=user, role=Role.OWNER)
    parts = {"project": project.slug, **TARGETS[row.target](project, user)}
    address = reverse(name, kwargs=parts)
    answer = client.get(address)
    html = answer.headers.get("Content-Type", "").startswith("text/html")
    if answer.status_code == 200 and html and b"<html" in answer.content:
        found[name] = address
for name in SITE_URLS:
    try:
        address = reverse(name)
    except NoReverseMatch:
        continue
    answer = client.get(address)
    html = answer.headers.get("Content-Type", "").startswith("text/html")
    if answer.status_code == 200 and html and name != "api-docs":
        found[name] = address
print(json.dumps(found))
"""


def page_addresses(studio: Studio) -> dict[str, str]:
    """Return every page by name; those of rendered samples are of a project that has some."""
    found: dict[str, str] = json.loads(studio.python(_ADDRESSES).splitlines()[-1])
    waiting = studio.project(2)
    frozen = studio.project(2, is_frozen=True)
    for name, path in {
        "review": "review/",
        "review-list": "review/list/",
        "sample": f"samples/{waiting.samples[0]}/",
        "video": f"videos/{waiting.video}/",
        "run": f"runs/{waiting.run}/",
        "library": "library/",
        "synthesize": "synthesize/",
        "jobs": "jobs/",
        "audit": "settings/audit/",
    }.items():
        found[name] = f"/p/{waiting.slug}/{path}"
    found["bundle frozen"] = f"/p/{frozen.slug}/bundles/mix/"
    found["review figures"] = f"/p/{frozen.slug}/review/statistics/"
    found["review empty"] = f"/p/{frozen.slug}/review/"
    return found
