"""What the densest pages weigh before any picture: page, texts, styles, icons, and every script
that the page names or that one of these imports."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from matteweb.accounts.models import Membership, Project, Role
from tests import factories
from tests.matteweb.permissions import TARGETS

pytestmark = pytest.mark.django_db

# 150 kB are promised; the rest is head room, so that it is noticed in time.
MOST = 148_000
# As docs/deploy has nginx pack.
LEVEL = 6
# A browser loads one of the two that draw, when it knows which; this is the heavier one.
DRAWING = "mw/player/webgl_renderer.js"

_NAMED = re.compile(r'(?:src|href)="([^"#]+?\.(?:js|css|svg))(?:#[^"]*)?"')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_LOADED = re.compile(r'(?:from|import|new URL\()\s*"(\.[^"]+\.js)"')


@pytest.mark.parametrize("page", ["review/", "samples/{pk}/"])
def test_a_page_weighs_little_without_media(page: str, client: Client) -> None:
    person, project = factories.user(), Project.objects.create(slug="p", name="P")
    Membership.objects.create(project=project, user=person, role=Role.OWNER)
    sample = TARGETS["sample"](project, person)
    client.force_login(person)
    answer = client.get(f"/p/p/{page.format(**sample)}")
    assert answer.status_code == 200
    weights = {"page": _weight(answer.content)}
    for address in dict.fromkeys(_NAMED.findall(answer.content.decode())):
        if address.startswith(settings.STATIC_URL):
            _add(Path(str(finders.find(address.removeprefix(settings.STATIC_URL)))), weights)
    _add(Path(str(finders.find(DRAWING))), weights)
    weights["texts"] = _weight(client.get(reverse("javascript-catalog")).content)
    assert sum(name.endswith(".js") for name in weights) > 50
    heaviest = sorted(weights.items(), key=lambda item: -item[1])[:12]
    assert sum(weights.values()) <= MOST, (sum(weights.values()), len(weights), heaviest)


def _add(file: Path, weights: dict[str, int]) -> None:
    """Take a file, and the modules that it loads."""
    file = file.resolve()
    if str(file) in weights:
        return
    body = file.read_bytes()
    weights[str(file)] = _weight(body)
    if file.suffix == ".js":
        for name in _LOADED.findall(_COMMENT.sub("", body.decode())):
            _add(file.parent / name, weights)


def _weight(body: bytes) -> int:
    return len(gzip.compress(body, LEVEL))
