"""The addresses of accounts alone, without the applications above them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from matteweb.accounts import urls

urlpatterns: list[URLPattern | URLResolver] = [
    *urls.site_patterns,
    path("p/<slug:project>/", include(urls.page_patterns)),
    path("api/projects/<slug:project>/", include(urls.api_patterns)),
]
