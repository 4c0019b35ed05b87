"""Where everything is mounted: pages under ``/p/<project>/``, the API under ``/api/``."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from django.views.i18n import JavaScriptCatalog
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from datasets_app import urls as datasets
from inference_app import urls as inference
from matteweb.accounts import urls as accounts
from matteweb.jobs import urls as jobs

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="projects")),
    *accounts.site_patterns,
    *datasets.site_patterns,
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("words.js", JavaScriptCatalog.as_view(), name="javascript-catalog"),
    path("admin/", admin.site.urls),
]
for application in (accounts, jobs, datasets, inference):
    urlpatterns += [
        path("p/<slug:project>/", include(application.page_patterns)),
        path("api/projects/<slug:project>/", include(application.api_patterns)),
    ]

handler400 = "matteweb.accounts.error_pages.bad_request"
handler403 = "matteweb.accounts.error_pages.denied"
handler404 = "matteweb.accounts.error_pages.not_found"
handler500 = "matteweb.accounts.error_pages.fault"
