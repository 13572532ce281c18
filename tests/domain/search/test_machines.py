"""Several machines on one PostgreSQL, each with its own index, killed with -9 while people post."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support import machines
from tests.support.machines import Poster, Said


@pytest.mark.slow
@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_machines_killed_under_load_end_with_indexes_equal_to_their_one_database(
    real_engine: Engine, tmp_path: Path
) -> None:
    both = machines.machines_on(real_engine.url.render_as_string(hide_password=False), tmp_path)
    token, said, stopping = machines.make_staff(real_engine), Said(), threading.Event()
    with machines.serving(both) as (first, second):
        posters = [Poster(one.port, token, said, seed, stopping) for seed, one in enumerate(both)]
        for poster in posters:
            poster.start()
        for poster in posters:
            poster.wait_until(4)
        machines.kill(first)  # web process, worker and perhaps a commit to the index
        posters[1].wait_until(posters[1].done + 5)  # what the first machine never heard of
        machines.kill(second)
        for poster in posters:
            poster.join()
    with machines.working(both):
        for machine in both:
            machines.wait_until_followed(machine, real_engine)
    assert said.edits, "no edit was acknowledged: nothing is shown of texts"
    assert not any(machines.faults_of_database(real_engine, said).values())
    for machine in both:
        faults = machines.faults_of_index(real_engine, machine, said)
        assert not any(faults.values()), faults
