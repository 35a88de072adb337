"""Every fault, judged by the verifier; `make chaos` runs them all, `make test` the short ones."""

from __future__ import annotations

import pytest

from . import (
    faults_cluster,
    faults_kafka,
    faults_memory,
    faults_network,
    faults_records,
    faults_time,
    faults_worker,
)

FAULTS = (
    *faults_worker.FAULTS,
    *faults_kafka.FAULTS,
    *faults_network.FAULTS,
    *faults_cluster.FAULTS,
    *faults_time.FAULTS,
    *faults_records.FAULTS,
    *faults_memory.FAULTS,
)


def pytest_generate_tests(metafunc):
    """The faults that are due, each with its seeds."""
    if "fault" not in metafunc.fixturenames:
        return
    declared = faults_worker.MUTATED if "mutated" in metafunc.function.__name__ else FAULTS
    chaos, first = metafunc.config.getoption("chaos"), metafunc.config.getoption("seed")
    due = [
        (fault, seed)
        for fault in declared
        if chaos or fault.short
        for seed in range(first, first + (fault.seeds if chaos else 1))
    ]
    metafunc.parametrize(
        ("fault", "seed"),
        [
            pytest.param(fault, seed, id=f"{fault.name}-{seed}", marks=pytest.mark.timeout(fault.timeout_s))
            for fault, seed in due
        ],
    )


def test_the_promises_hold(fault, seed, stage, record_property):
    scene = stage(fault, seed)
    report = scene.run()
    recovered = f"{max(scene.recovered_s):.1f}" if scene.recovered_s else "-"
    figures = {"positions": report.positions, **report.outcomes, **report.figures(), "recovered_s": recovered}
    record_property("figures", {**figures, **scene.figures})


def test_a_mutated_worker_is_caught(fault, seed, stage):
    objection = faults_worker.CAUGHT_BY[fault.name]
    with pytest.raises(AssertionError, match=rf"{objection} = \d+, at most 0 allowed"):
        stage(fault, seed).run()
