"""Bundles: what a freeze refuses, what it keeps, and that nothing changes it afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from io import StringIO

import pytest
from django.core.management import call_command

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.management.commands.freeze_bundle import Command as FreezeBundle
from datasets_app.models import Bundle, Layer, Sample, Video
from datasets_app.models.bundle import BundleState
from datasets_app.selectors.bundles import SampleFilter, bundle_candidates
from datasets_app.services.blobs import blob_path
from datasets_app.services.desk.review import verdict_give
from datasets_app.services.freezing.bundle_choice import BundleChoice
from datasets_app.services.freezing.bundle_facts import bundle_facts
from datasets_app.services.freezing.bundle_outlook import bundle_outlook
from datasets_app.services.freezing.bundles import (
    bundle_choose,
    bundle_create,
    bundle_freeze,
    bundle_freeze_finish,
    bundle_reopen,
)
from datasets_app.services.freezing.export import bundle_manifest
from datasets_app.services.freezing.sample_weights import sample_weigh
from datasets_app.services.keeping.deletion import row_archive, video_withdraw
from datasets_app.services.sources.captions import caption_set
from datasets_app.services.sources.footage import Rights, footage_edit
from matteweb.commands import Exit
from matteweb.errors import BadInput, Cancelled, Conflict
from matteweb.jobs.models import Job
from tests.rendered import Rendered, frozen

pytestmark = pytest.mark.django_db


def test_the_same_choice_frozen_twice_has_the_same_id(rendered: Rendered) -> None:
    assert frozen(rendered, "one").manifest_id == frozen(rendered, "two").manifest_id


def test_another_choice_has_another_id(rendered: Rendered) -> None:
    twice = BundleChoice(repeats={"object-paste": 2})
    assert frozen(rendered, "one").manifest_id != frozen(rendered, "two", twice).manifest_id


def test_a_sample_that_weighs_more_has_more_rows(rendered: Rendered) -> None:
    light, heavy = (Sample.objects.get(pk=one.pk) for one in rendered.samples)
    sample_weigh(sample=light, weight=2, actor=rendered.actor)
    sample_weigh(sample=heavy, weight=4, actor=rendered.actor)
    choice = BundleChoice(repeats={"object-paste": 3})
    outlook = bundle_outlook(project=rendered.project, choice=choice)
    assert (outlook.total, outlook.formula.splitlines()[0]) == (18, "N = 6 * 3 = 18")
    assert [(one.samples, one.weight) for one in outlook.categories] == [(2, 6)]
    bundle = frozen(rendered, choice=choice)
    repeats = {one.id: one.repeats for one in bundle_manifest(bundle).samples}
    assert (repeats[light.pk], repeats[heavy.pk]) == (6, 12)
    facts = bundle_facts(bundle)
    (line,) = facts.categories
    assert (line.samples, line.weight, line.repeats, line.rows) == (2, 6, 3, 18)
    assert facts.plan.formula().splitlines()[0] == "N = 6 * 3 = 18"


def test_a_later_change_of_a_sample_never_changes_a_frozen_bundle(rendered: Rendered) -> None:
    bundle = frozen(rendered)
    before = bundle_manifest(bundle)
    sample = Sample.objects.get(pk=rendered.samples[0].pk)
    verdict_give(sample=sample, decision="reject", reasons=["halo"], actor=rendered.actor)
    Sample.objects.update(caption="another caption", category="kubric")
    caption_set(video=rendered.videos[0], length="short", text="new", actor=rendered.actor)
    Layer.objects.filter(sample=sample).delete()
    bundle.refresh_from_db()
    assert bundle_manifest(bundle) == before
    assert all(blob_path(file.blob).is_file() for file in bundle.files.all())


def test_a_bundle_carries_every_length_of_a_caption(rendered: Rendered) -> None:
    """The trainer reads the short one; the list of the category has a place for all four."""
    longer = {"prompt": "A kite flies high.", "verbose": "A red kite flies.", "summary": "A kite."}
    Sample.objects.filter(pk=rendered.samples[0].pk).update(longer_captions=longer)
    bundle = frozen(rendered)
    sample = Sample.objects.get(pk=rendered.samples[0].pk)
    told = next(one for one in bundle_manifest(bundle).samples if one.id == sample.pk)
    assert told.captions.training_text() == sample.caption
    said = (told.captions.prompt, told.captions.verbose_prompt, told.captions.summary)
    assert said == tuple(longer.values())
    listed = blob_path(bundle.files.get(path="object-paste.json").blob).read_text()
    assert all(text in listed for text in (*longer.values(), sample.caption))


def test_a_frozen_bundle_outlives_its_samples(rendered: Rendered) -> None:
    bundle = frozen(rendered)
    Sample.objects.filter(project=rendered.project).delete()
    assert len(bundle_manifest(bundle).samples) == 2
    assert all(blob_path(file.blob).is_file() for file in bundle.files.all())


def test_the_manifest_names_no_time_user_or_host(rendered: Rendered) -> None:
    bundle = frozen(rendered)
    assert bundle.manifest_blob is not None
    text = blob_path(bundle.manifest_blob).read_text()
    assert rendered.actor.user is not None
    for word in (rendered.actor.user.username, "created", "2026-", "/tmp"):  # noqa: S108
        assert word not in text
    entry = json.loads(text)["samples"][0]
    assert entry["verdict"]["accepts"] == 1
    assert {source["licence"] for source in entry["sources"]} == {"CC0-1.0"}


def test_a_source_without_licence_asks_for_a_written_reason(rendered: Rendered) -> None:
    sample = Sample.objects.get(pk=rendered.samples[0].pk)
    sample.sources[0]["licence"] = ""
    sample.save(update_fields=["sources"])
    bundle = bundle_create(project=rendered.project, name="mix", actor=rendered.actor)
    with pytest.raises(BadInput, match="needs a written reason"):
        bundle_freeze(bundle=bundle, choice=BundleChoice(), actor=rendered.actor)
    reason = BundleChoice(licence_reason="our own footage")
    bundle_freeze(bundle=bundle, choice=reason, actor=rendered.actor)
    bundle_freeze_finish(bundle_id=bundle.pk, progress=ignore_progress, should_stop=never_stop)
    bundle.refresh_from_db()
    assert bundle_manifest(bundle).licence_reason == "our own footage"


def test_a_sample_without_caption_turns_the_bundle_back_into_a_draft(rendered: Rendered) -> None:
    Sample.objects.filter(pk=rendered.samples[0].pk).update(caption="")
    with pytest.raises(BadInput, match="was not frozen"):
        frozen(rendered)
    bundle = Bundle.objects.get(name="mix")
    assert bundle.state == BundleState.DRAFT
    assert not bundle.manifest_id
    assert [one["code"] for one in bundle.problems if one["severity"] == "error"] == [
        "caption_empty"
    ]


def test_a_bundle_that_the_preflight_refused_is_frozen_under_its_name_once_that_is_mended(
    rendered: Rendered,
) -> None:
    Sample.objects.filter(pk=rendered.samples[0].pk).update(caption="")
    with pytest.raises(BadInput, match="was not frozen"):
        frozen(rendered)
    Sample.objects.filter(pk=rendered.samples[0].pk).update(caption="a box slides")
    assert frozen(rendered).state == BundleState.FROZEN
    with pytest.raises(Conflict, match="already"):
        frozen(rendered)


def test_a_caption_and_a_licence_given_late_reach_the_samples_that_lack_them(
    rendered: Rendered,
) -> None:
    background = Video.objects.get(pk=rendered.samples[0].plan["background"]["id"])
    kept = {sample.pk: sample.caption for sample in rendered.samples}
    silent = Sample.objects.get(pk=rendered.samples[0].pk)
    silent.caption = ""
    silent.sources = [source | {"licence": ""} for source in silent.sources]
    silent.save(update_fields=["caption", "sources"])
    for video in rendered.videos:
        rights = Rights(licence="CC-BY-4.0", attribution="Ann")
        footage_edit(footage=Video.objects.get(pk=video.pk), actor=rendered.actor, rights=rights)
    caption_set(video=background, length="short", text="said late", actor=rendered.actor)
    silent.refresh_from_db()
    assert silent.caption == "said late"
    assert {source["licence"] for source in silent.sources} == {"CC-BY-4.0"}
    other = Sample.objects.get(pk=rendered.samples[1].pk)
    assert other.caption == kept[other.pk]
    assert {source["licence"] for source in other.sources} == {"CC0-1.0"}


def test_the_command_names_everything_that_the_preflight_refused(rendered: Rendered) -> None:
    Sample.objects.filter(project=rendered.project).update(caption="")
    out, command = StringIO(), FreezeBundle(stderr=StringIO())
    words = {"project": rendered.project.slug, "name": "mix", "json": True}
    call_command(command, stdout=out, **words)
    told = json.loads(out.getvalue())
    assert command._exit == Exit.FINDINGS
    assert told["id"] == ""
    errors = [one["where"] for one in told["findings"] if one["severity"] == "error"]
    assert sorted(errors) == sorted(sample.name for sample in rendered.samples)


def test_a_freeze_that_is_cancelled_leaves_a_draft(rendered: Rendered) -> None:
    bundle = bundle_create(project=rendered.project, name="mix", actor=rendered.actor)
    bundle_freeze(bundle=bundle, choice=BundleChoice(), actor=rendered.actor)
    with pytest.raises(Cancelled):
        bundle_freeze_finish(
            bundle_id=bundle.pk, progress=ignore_progress, should_stop=lambda: True
        )
    bundle.refresh_from_db()
    assert bundle.state == BundleState.DRAFT


def test_a_freeze_whose_job_ended_can_be_opened_again(rendered: Rendered) -> None:
    bundle = bundle_create(project=rendered.project, name="mix", actor=rendered.actor)
    bundle_freeze(bundle=bundle, choice=BundleChoice(), actor=rendered.actor)
    with pytest.raises(Conflict, match="is being frozen"):
        bundle_reopen(bundle=bundle, actor=rendered.actor)
    Job.objects.filter(target_id=bundle.pk, kind="bundle_freeze").update(state="cancelled")
    bundle_reopen(bundle=bundle, actor=rendered.actor)
    assert bundle.state == BundleState.DRAFT


def test_freezing_again_after_a_kill_changes_nothing(rendered: Rendered) -> None:
    bundle = frozen(rendered)
    bundle_freeze_finish(bundle_id=bundle.pk, progress=ignore_progress, should_stop=never_stop)
    before = (bundle.manifest_id, bundle.frozen_at)
    bundle.refresh_from_db()
    assert (bundle.manifest_id, bundle.frozen_at) == before


def test_a_frozen_bundle_takes_no_other_choice(rendered: Rendered) -> None:
    bundle = frozen(rendered)
    with pytest.raises(Conflict):
        bundle_choose(bundle=bundle, choice=BundleChoice(split_seed=3), actor=rendered.actor)
    with pytest.raises(Conflict):
        bundle_freeze(bundle=bundle, choice=BundleChoice(), actor=rendered.actor)


@pytest.mark.parametrize("name", ["", "two words", "a/b", "x" * 81])
def test_a_name_that_cannot_stand_in_an_address_is_refused(rendered: Rendered, name: str) -> None:
    with pytest.raises(BadInput, match="cannot name a bundle"):
        bundle_create(project=rendered.project, name=name, actor=rendered.actor)


def test_a_taken_name_is_a_conflict_also_when_archived(rendered: Rendered) -> None:
    row_archive(row=frozen(rendered), actor=rendered.actor)
    with pytest.raises(Conflict):
        bundle_create(project=rendered.project, name="mix", actor=rendered.actor)


def test_a_kept_choice_comes_back_as_it_was() -> None:
    choice = BundleChoice(
        samples=SampleFilter(runs=(1,), categories=("kubric",), least_frames=17, ids=(4,)),
        shares={"kubric": Fraction(1, 3)},
        repeats={"object-paste": 4},
        most_rows=900,
        splits={"train": Fraction(9, 10), "val": Fraction(1, 10)},
        split_seed=5,
        keep_splits=True,
        licence_reason="ours",
    )
    plain = json.loads(json.dumps(choice.as_json()))
    assert BundleChoice.from_json(plain) == choice


def test_the_outlook_tells_what_the_freeze_will_give(rendered: Rendered) -> None:
    choice = BundleChoice(repeats={"object-paste": 3})
    outlook = bundle_outlook(project=rendered.project, choice=choice)
    bundle = frozen(rendered, choice=choice)
    assert outlook.blocked == ""
    assert outlook.samples == 2
    assert outlook.total == sum(s.repeats for s in bundle_manifest(bundle).samples)


def test_the_outlook_says_why_a_choice_cannot_be_frozen(rendered: Rendered) -> None:
    Sample.objects.filter(pk=rendered.samples[0].pk).update(caption="")
    outlook = bundle_outlook(project=rendered.project, choice=BundleChoice())
    assert outlook.blocked == "1 sample has no caption"
    nothing = BundleChoice(samples=SampleFilter(least_frames=500))
    assert bundle_outlook(project=rendered.project, choice=nothing).blocked == (
        "no accepted sample matches"
    )


def test_a_bound_on_the_rows_keeps_the_repeats_small(rendered: Rendered) -> None:
    Sample.objects.filter(pk=rendered.samples[0].pk).update(category="kubric")
    shares = {"kubric": Fraction(45), "object-paste": Fraction(55)}
    free = bundle_outlook(project=rendered.project, choice=BundleChoice(shares=shares))
    bound = BundleChoice(shares=shares, most_rows=6)
    assert bundle_outlook(project=rendered.project, choice=bound).total <= 6 < free.total
    assert len(bundle_manifest(frozen(rendered, choice=bound)).samples) == 2
    less = BundleChoice(shares=shares, most_rows=1)
    assert "at least 2 rows" in bundle_outlook(project=rendered.project, choice=less).blocked


def test_no_source_group_is_in_two_splits(rendered: Rendered) -> None:
    """Both samples draw on both clips, so they stay together."""
    choice = BundleChoice(splits={"train": Fraction(50), "val": Fraction(50)})
    manifest = bundle_manifest(frozen(rendered, choice=choice))
    assert len({sample.split for sample in manifest.samples}) == 1


def test_samples_keep_the_split_that_they_came_with_unless_splits_are_drawn(
    rendered: Rendered,
) -> None:
    first = rendered.samples[0].pk
    Sample.objects.filter(pk=first).update(split="comp_easy")
    outlook = bundle_outlook(project=rendered.project, choice=BundleChoice())
    assert [(one.name, one.target, one.samples) for one in outlook.splits] == [
        ("train", None, 1),
        ("comp_easy", None, 1),
    ]
    assert "split_leak" in {one.code for one in outlook.findings}
    assert outlook.blocked == ""
    manifest = bundle_manifest(frozen(rendered))
    assert {one.id: one.split == "comp_easy" for one in manifest.samples}[first]
    assert manifest.splits() == ("train", "comp_easy")
    drawn = BundleChoice(splits={"train": Fraction(100)})
    outlook = bundle_outlook(project=rendered.project, choice=drawn)
    assert [(one.name, one.samples) for one in outlook.splits] == [("train", 2)]
    assert "split_moved" in {one.code for one in outlook.findings}
    kept = replace(drawn, keep_splits=True)
    outlook = bundle_outlook(project=rendered.project, choice=kept)
    assert {one.name: one.samples for one in outlook.splits} == {"train": 0, "comp_easy": 2}


def test_the_side_of_its_sources_is_the_split_of_a_sample(rendered: Rendered) -> None:
    videos = Video.objects.filter(project=rendered.project)
    videos.update(split="val")
    outlook = bundle_outlook(project=rendered.project, choice=BundleChoice())
    assert [(one.name, one.samples) for one in outlook.splits] == [("val", 2)]
    assert "split_untrained" in {one.code for one in outlook.findings}
    videos.filter(pk=rendered.videos[0].pk).update(split="train")
    outlook = bundle_outlook(project=rendered.project, choice=BundleChoice())
    assert [(one.name, one.samples) for one in outlook.splits] == [("val", 2)]
    (said,) = [one for one in outlook.findings if one.code == "sides_mixed"]
    assert "2 samples made of sources on train and val" in said.message
    assert said.hint.startswith("they are held out")
    drawn = BundleChoice(splits={"train": Fraction(100)})
    outlook = bundle_outlook(project=rendered.project, choice=drawn)
    assert "split_moved" in {one.code for one in outlook.findings}


def test_a_withdrawn_source_marks_bundles_and_keeps_its_samples_out_of_new_ones(
    rendered: Rendered,
) -> None:
    bundle = frozen(rendered)
    video = Video.objects.get(pk=rendered.videos[0].pk)
    marked = video_withdraw(video=video, actor=rendered.actor, reason="the owner asked")
    assert marked == [bundle]
    bundle.refresh_from_db()
    assert bundle.withdrawn[0]["reason"] == "the owner asked"
    assert bundle.manifest_id == bundle_manifest(bundle).identity()
    assert not bundle_candidates(rendered.project, SampleFilter()).exists()
    outlook = bundle_outlook(project=rendered.project, choice=BundleChoice())
    assert "left out: a source was withdrawn" in " ".join(f.message for f in outlook.findings)
