"""What holds for the diff of any two traces."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Span, Trace
from agentops_eval.traces import diverge
from agentops_eval.traces.diff import Kind, diff
from tests.traces._traces import traces
from tests.traces.diff._trees import LEAF, TREES, Tree, agent, inserted, trace_of, wrapped

ANY = traces() | TREES.map(trace_of)


def kinds_of(found):
    return [kind for step in found.steps for kind in step.kinds]


@given(ANY)
def test_a_trace_does_not_differ_from_itself(trace):
    """The diff of a trace with itself is empty, and false."""
    found = diff(trace, trace)
    assert found.steps == ()
    assert not found


@given(ANY, ANY)
def test_two_traces_mirror(one, other):
    """Exchanging the traces exchanges added and removed, before and after, and nothing else."""
    there, back = diff(one, other), diff(other, one)
    turned = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED}
    assert sorted(
        (
            [turned.get(kind, kind) for kind in step.kinds],
            step.candidate_index is None,
            step.candidate_index or 0,
            step.baseline_index is None,
            step.baseline_index or 0,
        )
        for step in there.steps
    ) == sorted(
        (
            list(step.kinds),
            step.baseline_index is None,
            step.baseline_index or 0,
            step.candidate_index is None,
            step.candidate_index or 0,
        )
        for step in back.steps
    )


@given(inserted())
def test_inserted_steps_are_all_that_is_told(case):
    """Inserting k new steps anywhere gives exactly k added steps."""
    before, after, count = case
    assert kinds_of(diff(trace_of(before), trace_of(after))) == [Kind.ADDED] * count


@given(inserted())
def test_removed_steps_are_all_that_is_told(case):
    """Removing k steps that occur once gives exactly k removed steps."""
    after, before, count = case
    assert kinds_of(diff(trace_of(before), trace_of(after))) == [Kind.REMOVED] * count


@given(wrapped())
def test_steps_put_around_others_are_all_that_is_told(case):
    """A new level between steps and their parent is told alone; the steps in it are still the same."""
    before, after, count = case
    assert kinds_of(diff(trace_of(before), trace_of(after))) == [Kind.ADDED] * count


@given(TREES, st.randoms(use_true_random=False))
def test_the_order_of_parallel_siblings_does_not_matter(tree: Tree, rng: random.Random):
    """Siblings that ran at one moment can stand in any order."""
    for parent in tree.walk():
        for child in parent.below:
            child.times = (rng.randrange(1, 5), rng.randrange(6, 9))
    other = tree.copy()
    for parent in other.walk():
        rng.shuffle(parent.below)
    assert diff(trace_of(tree), trace_of(other)).steps == ()


def content(span: Span):
    return (span.name, tuple(span.attributes.items()))


def patched(one: Trace, found) -> list:
    """The candidate's steps, from the baseline's and what the diff says."""
    steps = [content(span) for span in one.spans]
    parents = [
        next((i for i, s in enumerate(one.spans) if s.span_id == x.parent_id), None) for x in one.spans
    ]
    partner = {s.baseline_index: s for s in found.steps if s.baseline_index is not None}
    gone = {index for index, step in partner.items() if Kind.REMOVED in step.kinds}
    tops = {index: step for index, step in partner.items() if Kind.MOVED in step.kinds}
    groups = {top: [] for top in tops}
    stays = []
    for index, step in enumerate(steps):
        if index in gone:
            continue
        changed = partner.get(index)
        shown = step if changed is None else content(changed.candidate)
        top = index
        while top is not None and top not in tops:
            top = parents[top]
        (stays if top is None else groups[top]).append(shown)
    arriving = [(step.candidate_index, groups[index]) for index, step in tops.items()]
    arriving += [(s.candidate_index, [content(s.candidate)]) for s in found.steps if Kind.ADDED in s.kinds]
    for place, group in sorted(arriving, key=lambda pair: pair[0]):
        stays[place:place] = group
    return stays


@given(TREES, TREES)
def test_a_diff_turns_one_trace_into_the_other(one, other):
    """Taking out what is removed and moved, then putting in what is added and moved, gives the candidate."""
    before, after = trace_of(one), trace_of(other)
    assert patched(before, diff(before, after)) == [content(span) for span in after.spans]


@given(TREES, st.data())
def test_edits_are_told_completely(tree, data):
    """The same for a trace and an edited copy of it, in which much is still the same."""
    other = tree.copy()
    for _ in range(data.draw(st.integers(1, 4))):
        parent = data.draw(st.sampled_from([node for node in other.walk() if node.below]))
        taken = parent.below.pop(data.draw(st.integers(0, len(parent.below) - 1)))
        if data.draw(st.booleans()):
            target = data.draw(st.sampled_from(other.walk()))
            target.below.insert(data.draw(st.integers(0, len(target.below))), taken)
        if not other.below:
            break
    before, after = trace_of(tree), trace_of(other)
    assert patched(before, diff(before, after)) == [content(span) for span in after.spans]


IDS = st.sampled_from(["", "a", "b", "c", "d"])


@given(*[st.lists(st.builds(Span, name=IDS, trace_id=IDS, span_id=IDS, parent_id=IDS), max_size=7)] * 2)
def test_trees_that_are_none_can_be_compared(one, other):
    """Circles, orphans, doubled and empty ids: every step is told once or is the same."""
    found = diff(Trace(spans=tuple(one)), Trace(spans=tuple(other)))
    added = sum(Kind.ADDED in step.kinds for step in found.steps)
    removed = sum(Kind.REMOVED in step.kinds for step in found.steps)
    assert len(one) - removed == len(other) - added


ROWS = st.lists(LEAF, max_size=2).map(lambda row: trace_of(agent("root", *row)))


@given(ROWS, ROWS)
def test_what_does_not_diverge_does_not_differ(one, other):
    """The diff finds nothing where a golden is met, and something where it is not."""
    assert bool(diff(one, other)) == (diverge(one, other) is not None)


@given(traces(), st.text(max_size=3))
def test_ids_and_the_case_do_not_count(trace, salt):
    """The same tree under other ids, in another case, does not differ."""
    named = {span.span_id: f"{salt}{number}" for number, span in enumerate(trace.spans)}
    spans = [
        Span(
            name=span.name,
            trace_id="other",
            span_id=named[span.span_id],
            parent_id=named.get(span.parent_id, ""),
            kind=span.kind,
            attributes=span.attributes,
            events=span.events,
            status=span.status,
            status_message=span.status_message,
        )
        for span in trace.spans
    ]
    assert not diff(trace, Trace(spans=tuple(spans)))
