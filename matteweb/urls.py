"""Where everything is mounted: pages under ``/p/<project>/``, the API under ``/api/``."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

APPS = ["matteweb.accounts.urls", "matteweb.jobs.urls", "datasets_app.urls"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
]
for _name in APPS:
    if find_spec(_name) is None:
        continue
    _urls = import_module(_name)
    urlpatterns += getattr(_urls, "urlpatterns", [])
    urlpatterns += getattr(_urls, "site_patterns", [])
    urlpatterns += [
        path("p/<slug:project>/", include(_urls.page_patterns)),
        path("api/projects/<slug:project>/", include(_urls.api_patterns)),
    ]

handler400 = "matteweb.accounts.error_pages.bad_request"
handler403 = "matteweb.accounts.error_pages.denied"
handler404 = "matteweb.accounts.error_pages.not_found"
handler500 = "matteweb.accounts.error_pages.fault"
