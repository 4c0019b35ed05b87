"""Review: how long a sample stays with the page that shows it."""

from __future__ import annotations

from matteweb.settings import env

# A page renews three times in this span; one that died gives its samples back after it.
REVIEW_LEASE_SECONDS = env.integer("MATTEWEB_REVIEW_LEASE_SECONDS", 60, least=5)
