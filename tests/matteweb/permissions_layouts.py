"""The rows of the permission table for imports, exports by layout, image sets and annotations."""

from __future__ import annotations

from datasets_app.domain.annotation.cvat_xml import write_cvat
from datasets_app.domain.annotation.tracks import Tracks
from datasets_app.models import Annotation, Bundle, ImageSet, LayoutExport, SetPicture
from datasets_app.services.blobs import blob_from_bytes
from matteweb.accounts.models import Project, Role, User
from tests.manifests import manifest, sample
from tests.matteweb.permission_objects import Maker, Row, import_job, row, video

VIEWER, ANNOTATOR, REVIEWER, LEAD = Role.VIEWER, Role.ANNOTATOR, Role.REVIEWER, Role.LEAD


def annotation(project: Project, user: User) -> Annotation:
    """Return an annotation without tracks."""
    made = video(project, user)
    blob = blob_from_bytes(write_cvat(Tracks(())))
    return Annotation.objects.create(
        video=made, name="clip", original=blob, mapping={"labels": {}}, created_by=user
    )


def image_set(project: Project, user: User) -> ImageSet:
    """Return an image set with one picture."""
    made = ImageSet.objects.create(project=project, name="bottle", created_by=user)
    set_picture(made)
    return made


def set_picture(image_set: ImageSet) -> SetPicture:
    """Return a picture of the set."""
    return SetPicture.objects.create(
        image_set=image_set,
        split="train",
        label="good",
        name="a.png",
        picture=blob_from_bytes(b"a picture"),
        width=4,
        height=4,
    )


def export(project: Project, user: User) -> LayoutExport:
    """Return a finished export of an image set."""
    return LayoutExport.objects.create(
        project=project,
        image_set=image_set(project, user),
        layout="mvtec_ad",
        layout_version=1,
        archive=blob_from_bytes(b"a zip"),
    )


def readable_bundle(project: Project, user: User) -> Bundle:
    """Return a frozen bundle whose manifest can be read."""
    frozen = manifest(sample(1))
    return Bundle.objects.create(
        project=project,
        name=f"readable-{project.slug}",
        state="frozen",
        manifest_id=frozen.identity(),
        manifest_blob=blob_from_bytes(frozen.canonical()),
        created_by=user,
    )


LAYOUT_TARGETS: dict[str, Maker] = {
    "import findings": lambda project, user: {
        "pk": import_job(project, user).pk,
        "form": "csv",
    },
    "annotation": lambda project, user: {"pk": annotation(project, user).pk},
    "image set": lambda project, user: {"pk": image_set(project, user).pk},
    "set picture": lambda project, user: {
        "pk": image_set(project, user).pictures.get().pk,
        "what": "picture",
    },
    "readable bundle": lambda project, user: {"name": readable_bundle(project, user).name},
    "export": lambda project, user: {"pk": export(project, user).pk},
}

LAYOUT_URLS: dict[str, Row] = {
    "imports": row(get=VIEWER),
    "import-report": row("import", get=VIEWER),
    "import-findings": row("import findings", get=VIEWER),
    "image-sets": row(get=VIEWER),
    "image-set-cut": row(post=ANNOTATOR),
    "image-set": row("image set", get=VIEWER),
    "pictures-judge": row("image set", post=REVIEWER),
    "image-set-export": row("image set", post=VIEWER),
    "image-set-archive": row("image set", post=LEAD),
    "set-picture": row("set picture", get=VIEWER),
    "annotation": row("annotation", get=VIEWER),
    "annotation-edit": row("annotation", post=ANNOTATOR),
    "export-file": row("export", get=VIEWER),
    "bundle-layout": row("bundle", post=VIEWER),
    "api-layouts": row(get=VIEWER),
    "api-imports": row(get=VIEWER),
    "api-import": row("import", get=VIEWER),
    "api-import-findings": row("import", get=VIEWER),
    "api-annotations": row(get=VIEWER),
    "api-annotation": row("annotation", get=VIEWER, put=ANNOTATOR),
    "api-image-sets": row(get=VIEWER, post=ANNOTATOR),
    "api-image-set": row("image set", get=VIEWER, delete=LEAD),
    "api-set-pictures": row("image set", get=VIEWER),
    "api-set-judgements": row("image set", post=REVIEWER),
    "api-set-exports": row("image set", get=VIEWER, post=VIEWER),
    "api-set-picture": row("set picture", get=VIEWER),
    "api-library-exports": row(get=VIEWER, post=VIEWER),
    "api-export": row("export", get=VIEWER),
    "api-export-zip": row("export", get=VIEWER),
    "api-bundle-layouts": row("readable bundle", get=VIEWER),
    "api-bundle-exports": row("readable bundle", get=VIEWER, post=VIEWER),
}
