"""Addresses of the jobs of one project."""

from __future__ import annotations

from django.urls import URLPattern

page_patterns: list[URLPattern] = []
api_patterns: list[URLPattern] = []
