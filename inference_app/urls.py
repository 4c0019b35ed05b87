"""Addresses of the networks' pages, in the groups that the composition root mounts."""

from __future__ import annotations

from django.urls import URLPattern

# Mounted at p/<slug:project>/
page_patterns: list[URLPattern] = []

# Mounted at api/projects/<slug:project>/
api_patterns: list[URLPattern] = []
