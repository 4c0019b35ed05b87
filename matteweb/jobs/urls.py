"""Addresses of jobs, in the groups that the composition root mounts."""

from __future__ import annotations

from django.urls import URLPattern, path

from matteweb.jobs import api, views

# Mounted at p/<slug:project>/
page_patterns: list[URLPattern] = [
    path("jobs/", views.jobs, name="jobs"),
]

# Mounted at api/projects/<slug:project>/
api_patterns: list[URLPattern] = [
    path("jobs/", api.JobsView.as_view(), name="api-jobs"),
    path("jobs/<int:job>", api.JobView.as_view(), name="api-job"),
    path("jobs/<int:job>/cancel", api.JobCancelView.as_view(), name="api-job-cancel"),
    path("jobs/<int:job>/retry", api.JobRetryView.as_view(), name="api-job-retry"),
]
