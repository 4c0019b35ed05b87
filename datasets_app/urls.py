"""Addresses of the data studio, in the groups that the composition root mounts."""

from __future__ import annotations

from django.urls import URLPattern, path

from datasets_app.api import annotations as annotations_api
from datasets_app.api import assets as assets_api
from datasets_app.api import bundles as bundles_api
from datasets_app.api import footage as footage_api
from datasets_app.api import image_sets as image_sets_api
from datasets_app.api import imports as imports_api
from datasets_app.api import layout_exports as exports_api
from datasets_app.api import promotions as promotions_api
from datasets_app.api import quality as quality_api
from datasets_app.api import rebuilds as rebuilds_api
from datasets_app.api import review as review_api
from datasets_app.api import synthesis as synthesis_api
from datasets_app.api import upkeep as upkeep_api
from datasets_app.views import (
    assets,
    bundles,
    files,
    image_sets,
    imports,
    labels,
    library,
    promotion,
    public,
    review,
    review_desk,
    review_rules,
    synthesis,
    uploads,
    video,
)

# Mounted at p/<slug:project>/
page_patterns: list[URLPattern] = [
    path("files/<str:kind>/<int:pk>/<str:what>", files.stream_file, name="stream-file"),
    path(
        "files/<str:kind>/<int:pk>/frames/<int:frame>.png", files.stored_frame, name="stored-frame"
    ),
    path("footage.json", files.footage, name="footage"),
    path("samples/<int:pk>/player.json", files.sample_player, name="sample-player"),
    path("videos/<int:pk>/player.json", files.video_player, name="video-player"),
    path("samples/<int:pk>/values.json", files.sample_values, name="sample-values"),
    path("videos/<int:pk>/values.json", files.video_values, name="video-values"),
    path("assets/", assets.asset_list, name="assets"),
    path("assets/lists/<str:name>", assets.asset_list_file, name="asset-list-file"),
    path("assets/lists", assets.asset_list_read, name="asset-list-read"),
    path("assets/exports", assets.library_export, name="library-export"),
    path("assets/<int:pk>/", assets.asset_page, name="asset"),
    path("assets/<int:pk>/edit", assets.asset_edit, name="asset-edit"),
    path("assets/<int:pk>/archive", assets.asset_archive, name="asset-archive"),
    path("assets/<int:pk>/player.json", assets.asset_player, name="asset-player"),
    path("assets/<int:pk>/values.json", assets.asset_values, name="asset-values"),
    path("library/", library.library, name="library"),
    path("library/incoming", library.library_incoming, name="library-incoming"),
    path("library/selection", library.selection_edit, name="selection-edit"),
    path("library/captions", library.captions_import, name="captions-import"),
    path("library/captions/<str:form>.json", library.captions_export, name="captions-export"),
    path("library/<str:kind>/<int:pk>/decide", library.footage_decide, name="footage-decide"),
    path("library/<str:kind>/<int:pk>/discard", library.footage_discard, name="footage-discard"),
    path("library/archived", library.library_archive, name="library-archived"),
    path("library/uploads/<int:pk>", library.incoming_upload, name="incoming-upload"),
    path("library/imports/<int:pk>", library.incoming_import, name="incoming-import"),
    path("library/<str:kind>/<int:pk>/restore", library.row_restore, name="row-restore"),
    path("library/<str:kind>/<int:pk>/delete", library.row_delete, name="row-delete"),
    path("imports/", imports.import_list, name="imports"),
    path("imports/<int:pk>/", imports.import_report, name="import-report"),
    path(
        "imports/<int:pk>/findings.<str:form>", imports.import_findings_file, name="import-findings"
    ),
    path("image-sets/", image_sets.image_set_list, name="image-sets"),
    path("image-sets/cut", image_sets.image_set_cut, name="image-set-cut"),
    path("image-sets/<int:pk>/", image_sets.image_set, name="image-set"),
    path("image-sets/<int:pk>/judge", image_sets.pictures_judge, name="pictures-judge"),
    path("image-sets/<int:pk>/export", image_sets.image_set_export, name="image-set-export"),
    path("image-sets/<int:pk>/archive", image_sets.image_set_archive, name="image-set-archive"),
    path("pictures/<int:pk>/<str:what>", image_sets.picture_file, name="set-picture"),
    path("annotations/<int:pk>/", labels.annotation, name="annotation"),
    path("annotations/<int:pk>/edit", labels.annotation_edit, name="annotation-edit"),
    path("exports/<int:pk>/zip", image_sets.export_file, name="export-file"),
    path("videos/<int:pk>/", video.video, name="video"),
    path("videos/<int:pk>/edit", video.video_edit, name="video-edit"),
    path("videos/<int:pk>/captions", video.video_captions, name="video-captions"),
    path("videos/<int:pk>/masks", video.video_masks, name="video-masks"),
    path("videos/<int:pk>/archive", video.video_archive, name="video-archive"),
    path("videos/<int:pk>/withdraw", video.video_withdraw, name="video-withdraw"),
    path("masks/<int:pk>/reread", video.mask_reread, name="mask-reread"),
    path("masks/<int:pk>/resume", video.mask_resume, name="mask-resume"),
    path("masks/<int:pk>/archive", video.mask_archive, name="mask-archive"),
    path("review/", review_desk.review, name="review"),
    path("review/list/", review_desk.review_list, name="review-list"),
    path("review/statistics/", review_rules.statistics, name="review-statistics"),
    path("review/rules/", review_rules.rules, name="review-rules"),
    path("review/rules/save", review_rules.rules_save, name="review-rules-save"),
    path("review/calibration", review_rules.calibration_start, name="review-calibration"),
    path(
        "review/calibration/<int:pk>/retire",
        review_rules.calibration_retire,
        name="review-calibration-retire",
    ),
    path("samples/<int:pk>/", review.sample, name="sample"),
    path("samples/<int:pk>/side", review_desk.sample_side, name="sample-side"),
    path("samples/<int:pk>/rebuild", review.sample_rebuild, name="sample-rebuild"),
    path(
        "samples/<int:pk>/rebuild/start", review.sample_rebuild_start, name="sample-rebuild-start"
    ),
    path("samples/<int:pk>/foreground", promotion.sample_foreground, name="sample-foreground"),
    path(
        "samples/<int:pk>/foreground/make",
        promotion.sample_foreground_make,
        name="sample-foreground-make",
    ),
    path("samples/<int:pk>/archive", review.sample_archive, name="sample-archive"),
    path("samples/<int:pk>/weight", review.sample_weigh, name="sample-weigh"),
    path("synthesize/", synthesis.synthesize, name="synthesize"),
    path("synthesize/survey", synthesis.survey, name="synthesize-survey"),
    path("synthesize/try", synthesis.try_one, name="synthesize-try"),
    path("synthesize/try/<int:pk>", synthesis.trial, name="synthesize-trial"),
    path("synthesize/launch", synthesis.launch, name="synthesize-launch"),
    path("runs/<int:pk>/", synthesis.run, name="run"),
    path("runs/<int:pk>/part", synthesis.run_part, name="run-part"),
    path("runs/<int:pk>/stop", synthesis.run_stop, name="run-stop"),
    path("runs/<int:pk>/resume", synthesis.run_resume, name="run-resume"),
    path("runs/<int:pk>/reroll", synthesis.run_reroll, name="run-reroll"),
    path("bundles/", bundles.bundle_list, name="bundles"),
    path("bundles/new", bundles.bundle_new, name="bundle-new"),
    path("bundles/<slug:name>/", bundles.bundle, name="bundle"),
    path("bundles/<slug:name>/outlook", bundles.bundle_outlook_part, name="bundle-outlook"),
    path("bundles/<slug:name>/save", bundles.bundle_save, name="bundle-save"),
    path("bundles/<slug:name>/freeze", bundles.bundle_freeze, name="bundle-freeze"),
    path("bundles/<slug:name>/reopen", bundles.bundle_reopen, name="bundle-reopen"),
    path("bundles/<slug:name>/progress", bundles.bundle_progress, name="bundle-progress"),
    path("bundles/<slug:name>/manifest.json", bundles.bundle_manifest, name="bundle-manifest"),
    path("bundles/<slug:name>/zip", bundles.bundle_zip, name="bundle-zip"),
    path("bundles/<slug:name>/files/<path:path>", bundles.bundle_document, name="bundle-document"),
    path("bundles/<slug:name>/layouts", bundles.bundle_layout, name="bundle-layout"),
    path("bundles/<slug:name>/archive", bundles.bundle_archive, name="bundle-archive"),
    path("bundles/<slug:name>/restore", bundles.bundle_restore, name="bundle-restore"),
    path("bundles/<slug:name>/delete", bundles.bundle_delete, name="bundle-delete"),
]

# Mounted at api/projects/<slug:project>/
api_patterns: list[URLPattern] = [
    path("videos/", footage_api.VideosView.as_view(), name="api-videos"),
    path("videos/<int:pk>", footage_api.VideoView.as_view(), name="api-video"),
    path(
        "videos/<int:pk>/decisions",
        footage_api.VideoDecisionsView.as_view(),
        name="api-video-decisions",
    ),
    path(
        "videos/<int:pk>/captions",
        footage_api.VideoCaptionsView.as_view(),
        name="api-video-captions",
    ),
    path(
        "videos/<int:pk>/withdrawal",
        footage_api.VideoWithdrawalView.as_view(),
        name="api-video-withdrawal",
    ),
    path("assets/", assets_api.AssetsView.as_view(), name="api-assets"),
    path("assets/<int:pk>", assets_api.AssetView.as_view(), name="api-asset"),
    path("assets/lists/<str:name>", assets_api.AssetListView.as_view(), name="api-asset-list"),
    path("stills/", footage_api.StillsView.as_view(), name="api-stills"),
    path("stills/<int:pk>", footage_api.StillView.as_view(), name="api-still"),
    path(
        "stills/<int:pk>/decisions",
        footage_api.StillDecisionsView.as_view(),
        name="api-still-decisions",
    ),
    path("captions", upkeep_api.CaptionsView.as_view(), name="api-captions"),
    path("archive/", upkeep_api.ArchiveView.as_view(), name="api-archive"),
    path("archive/<str:kind>/<int:pk>", upkeep_api.ArchivedView.as_view(), name="api-archived"),
    path("files/<str:kind>/<int:pk>/<str:what>", upkeep_api.object_bytes, name="api-file"),
    path("layouts/", imports_api.LayoutsView.as_view(), name="api-layouts"),
    path("imports/", imports_api.ImportsView.as_view(), name="api-imports"),
    path("imports/<int:pk>", imports_api.ImportView.as_view(), name="api-import"),
    path(
        "imports/<int:pk>/findings",
        imports_api.ImportFindingsView.as_view(),
        name="api-import-findings",
    ),
    path("annotations/", annotations_api.AnnotationsView.as_view(), name="api-annotations"),
    path("annotations/<int:pk>", annotations_api.AnnotationView.as_view(), name="api-annotation"),
    path("image-sets/", image_sets_api.ImageSetsView.as_view(), name="api-image-sets"),
    path("image-sets/<int:pk>", image_sets_api.ImageSetView.as_view(), name="api-image-set"),
    path(
        "image-sets/<int:pk>/pictures",
        image_sets_api.SetPicturesView.as_view(),
        name="api-set-pictures",
    ),
    path(
        "image-sets/<int:pk>/judgements",
        image_sets_api.JudgementsView.as_view(),
        name="api-set-judgements",
    ),
    path(
        "image-sets/<int:pk>/exports",
        exports_api.ImageSetExportsView.as_view(),
        name="api-set-exports",
    ),
    path("pictures/<int:pk>/<str:what>", image_sets_api.picture_bytes, name="api-set-picture"),
    path(
        "library-exports/",
        exports_api.LibraryExportsView.as_view(),
        name="api-library-exports",
    ),
    path("exports/<int:pk>", exports_api.ExportView.as_view(), name="api-export"),
    path("exports/<int:pk>/zip", exports_api.export_bytes, name="api-export-zip"),
    path("masks/<int:pk>", footage_api.MaskView.as_view(), name="api-mask"),
    path("recipes/", synthesis_api.RecipesView.as_view(), name="api-recipes"),
    path("survey", synthesis_api.SurveyView.as_view(), name="api-survey"),
    path("runs/", synthesis_api.RunsView.as_view(), name="api-runs"),
    path("runs/<int:pk>", synthesis_api.RunView.as_view(), name="api-run"),
    path("runs/<int:pk>/stop", synthesis_api.RunStopView.as_view(), name="api-run-stop"),
    path("runs/<int:pk>/resume", synthesis_api.RunResumeView.as_view(), name="api-run-resume"),
    path("runs/<int:pk>/reroll", synthesis_api.RunRerollView.as_view(), name="api-run-reroll"),
    path("samples/", synthesis_api.SamplesView.as_view(), name="api-samples"),
    path("samples/<int:pk>", synthesis_api.SampleView.as_view(), name="api-sample"),
    path(
        "samples/<int:pk>/quality",
        quality_api.SampleQualityView.as_view(),
        name="api-sample-quality",
    ),
    path("findings/", quality_api.FindingsView.as_view(), name="api-findings"),
    path(
        "videos/<int:pk>/quality", quality_api.VideoQualityView.as_view(), name="api-video-quality"
    ),
    path("samples/<int:pk>/verdicts", synthesis_api.VerdictsView.as_view(), name="api-verdicts"),
    path("samples/<int:pk>/rebuilds", rebuilds_api.RebuildsView.as_view(), name="api-rebuilds"),
    path(
        "samples/<int:pk>/foreground",
        promotions_api.ForegroundView.as_view(),
        name="api-foreground",
    ),
    path("verdicts/<int:pk>", synthesis_api.VerdictView.as_view(), name="api-verdict"),
    path("samples/<int:pk>/comments", review_api.CommentsView.as_view(), name="api-comments"),
    path("comments/<int:pk>", review_api.CommentView.as_view(), name="api-comment"),
    path("samples/<int:pk>/assignment", review_api.AssignmentView.as_view(), name="api-assignment"),
    path("samples/<int:pk>/resubmit", review_api.ResubmitView.as_view(), name="api-resubmit"),
    path("samples/<int:pk>/reroll", review_api.SampleRerollView.as_view(), name="api-reroll"),
    path("samples/<int:pk>/lease", review_api.LeaseView.as_view(), name="api-lease"),
    path("review/leases", review_api.LeasesView.as_view(), name="api-leases"),
    path("review/leases/renew", review_api.LeasesRenewView.as_view(), name="api-leases-renew"),
    path(
        "review/leases/release", review_api.LeasesReleaseView.as_view(), name="api-leases-release"
    ),
    path("review/batches/", review_api.BatchesView.as_view(), name="api-batches"),
    path("review/batches/<int:pk>/undo", review_api.BatchUndoView.as_view(), name="api-batch-undo"),
    path("review/policy", review_api.PolicyView.as_view(), name="api-review-policy"),
    path("review/statistics", review_api.StatisticsView.as_view(), name="api-review-statistics"),
    path("review/calibration/", review_api.CalibrationView.as_view(), name="api-calibration"),
    path(
        "review/calibration/<int:pk>",
        review_api.CalibrationItemView.as_view(),
        name="api-calibration-item",
    ),
    path("bundles/", bundles_api.BundlesView.as_view(), name="api-bundles"),
    path("bundles/outlook", bundles_api.OutlookView.as_view(), name="api-outlook"),
    path("bundles/<slug:name>", bundles_api.BundleView.as_view(), name="api-bundle"),
    path(
        "bundles/<slug:name>/layouts",
        exports_api.BundleLayoutsView.as_view(),
        name="api-bundle-layouts",
    ),
    path(
        "bundles/<slug:name>/exports",
        exports_api.BundleExportsView.as_view(),
        name="api-bundle-exports",
    ),
    path("bundles/<slug:name>/manifest", bundles_api.manifest, name="api-manifest"),
    path("bundles/<slug:name>/files/<path:path>", bundles_api.file, name="api-bundle-file"),
    path("bundles/<slug:name>/zip", bundles_api.archive, name="api-bundle-zip"),
    path("uploads/", uploads.upload_collection, name="uploads"),
    path("uploads/<str:uid>", uploads.upload_item, name="upload"),
]

# Mounted at the root: what belongs to no project.
site_patterns: list[URLPattern] = [
    path("api/schema/manifest.json", public.manifest_schema_file, name="manifest-schema"),
    path("cli/matteweb.py", public.client_file, name="client"),
]
