"""What was said of a sample, also of those in whose place it was rolled."""

from __future__ import annotations

from django.db.models import QuerySet

from datasets_app.models import Comment, Reroll, Sample
from matteweb.accounts.models import Project
from matteweb.errors import NotFound

MAX_ROLLS = 100


def ancestors_of(sample: Sample) -> list[int]:
    """Return the ids of the samples that this one replaces, the newest first."""
    found: list[int] = []
    run, index = sample.run_id, sample.index
    while run is not None and len(found) < MAX_ROLLS:
        rolled = Reroll.objects.filter(run=run, index=index).select_related("sample").first()
        if rolled is None:
            break
        found.append(rolled.sample_id)
        run, index = rolled.sample.run_id, rolled.sample.index
    return found


def comments_of(sample: Sample) -> QuerySet[Comment]:
    """Return the comments on the sample and on those it replaces, oldest first."""
    ids = [sample.pk, *ancestors_of(sample)]
    comments = Comment.objects.filter(sample__in=ids)
    return comments.select_related("author", "resolved_by", "sample").order_by("pk")


def comment_of(project: Project, comment_id: int) -> Comment:
    """Return one comment. Raises NotFound when it is not this project's."""
    found = Comment.objects.filter(pk=comment_id, sample__project=project)
    comment = found.select_related("author", "resolved_by", "sample__project").first()
    if comment is None:
        raise NotFound(f"there is no comment {comment_id} in {project.name}")
    return comment
