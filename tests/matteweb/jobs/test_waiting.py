"""A command that waits for a job ends as the job did."""

from __future__ import annotations

import pytest

from matteweb.commands import EXIT_OF_ERROR
from matteweb.errors import BadInput, Fault, MatteError, OutOfMemory, error_named
from matteweb.jobs.runner import run_here
from matteweb.jobs.waiting import require_done
from tests.matteweb.jobs.conftest import MakeJob


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("handler", "kind"), [("bad_input", BadInput), ("memory", OutOfMemory), ("broken", Fault)]
)
def test_a_failed_job_raises_the_kind_of_error_that_ended_it(
    make_job: MakeJob, handler: str, kind: type[MatteError]
) -> None:
    job = run_here(make_job(handler).pk)
    with pytest.raises(MatteError) as raised:
        require_done(job)
    assert (type(raised.value), raised.value.message, raised.value.hint) == (
        kind,
        job.error,
        job.hint,
    )


@pytest.mark.django_db(transaction=True)
def test_a_job_that_is_done_raises_nothing(make_job: MakeJob) -> None:
    require_done(run_here(make_job(n=1).pk))


def test_every_kind_of_error_is_found_by_its_code_and_ends_a_command_with_a_code() -> None:
    for kind in MatteError.__subclasses__():
        assert error_named(kind.code) is kind
        assert kind.code in EXIT_OF_ERROR
    assert error_named("") is Fault
