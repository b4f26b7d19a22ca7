"""The order of siblings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.traces._order import Interval, Timing, in_order
from tests.examples import examples

TIMES = st.tuples(st.integers(0, 20), st.integers(0, 5)).map(lambda pair: (pair[0], pair[0] + pair[1]))


def timing(ran, recorded=None, index=-1):
    kept = None if recorded is None else Interval(start_s=recorded[0], end_s=recorded[1])
    return Timing(ran=Interval(start_s=ran[0], end_s=ran[1]), recorded=kept, recorded_index=index)


def ordered(items):
    """Items are (name, start, end), given as they began."""
    return [name for name, *_ in in_order(items, lambda i: timing(i[1:]), lambda i: (i[0],))]


def replayed(items):
    """Items are (name, times now, times and index in the recording), given as they began."""
    return [name for name, *_ in in_order(items, lambda i: timing(*i[1:]), lambda i: (i[0],))]


def test_sequences_stay_and_overlaps_are_sorted():
    """Only calls that ran at the same time change places."""
    assert ordered([("b", 0, 1), ("a", 1, 2)]) == ["b", "a"]
    assert ordered([("b", 0, 2), ("a", 1, 2)]) == ["a", "b"]


def test_calls_without_duration_overlap_nothing():
    """On a virtual clock many calls take no time; they happened one after the other."""
    assert ordered([("c", 1, 1), ("b", 1, 1), ("a", 1, 1)]) == ["c", "b", "a"]


def test_what_was_recorded_as_parallel_is_sorted():
    """A replay serves such calls one by one, in any order."""
    items = [("b", (0, 0), (0, 9), 1), ("a", (0, 0), (0, 9), 0)]
    assert replayed(items) == replayed(items[::-1]) == ["a", "b"]


def test_what_is_parallel_only_now_keeps_its_recorded_order():
    """Quick calls hardly overlap in a recording; in the replay that simulates them they do."""
    items = [("b", (0, 2), (5, 6), 0), ("a", (0, 2), (7, 8), 1)]
    assert replayed(items) == replayed(items[::-1]) == ["b", "a"]


def test_a_swapped_sequence_stays_swapped():
    """Two calls in sequence then and now, but in the other order: that is behaviour."""
    items = [("a", (0, 1), (7, 8), 1), ("b", (1, 2), (5, 6), 0)]
    assert replayed(items) == ["a", "b"]


def test_a_live_call_beside_a_replayed_one_is_compared_as_they_ran():
    """Where a branch begins, only the times of this run count."""
    items = [("b", (0, 2), (5, 6), 0), ("a", (1, 2), None, -1), ("c", (2, 3), (9, 10), 1)]
    assert replayed(items) == ["a", "b", "c"]


def test_a_circle_loses_no_call():
    """A swapped sequence beside a call that overlaps both has no consistent order: the first stays first."""
    items = [("a", (0, 1), (8, 9), 2), ("b", (1, 2), (0, 1), 0), ("c", (0, 3), (4, 5), 1)]
    assert replayed(items) == ["a", "b", "c"]


@examples(150)
@given(st.lists(TIMES, max_size=8), st.randoms(use_true_random=False))
def test_any_start_order_of_overlapping_calls_gives_one_order(times, random):
    """Shuffling calls that began at one instant does not show, and no sequence is turned round."""
    items = sorted(((f"n{number}", *time) for number, time in enumerate(times)), key=lambda item: item[1])
    shuffled = items[:]
    random.shuffle(shuffled)
    shuffled.sort(key=lambda item: item[1])
    whole = [item for item in shuffled if item[2] > item[1]]
    assert ordered(whole) == ordered([item for item in items if item[2] > item[1]])
    place = {name: number for number, name in enumerate(ordered(items))}
    for name, began, end in items:
        for other, start, other_end in items:
            if end <= start < other_end and (name, end) != (other, start) and began < end:
                assert place[name] < place[other]


def test_long_sequences_are_cheap():
    """Thousands of calls in a row are not compared pairwise."""
    items = [(f"n{9999 - number}", number, number + 1) for number in range(5000)]
    assert ordered(items) == [name for name, *_ in items]


def laned(items):
    """Items are (name, lane, rank, start, end), given as they began."""

    def at(item):
        _, lane, rank, start, end = item
        return Timing(ran=Interval(start_s=start, end_s=end), lane=lane, rank=rank)

    return [name for name, *_ in in_order(items, at, lambda item: (item[0],))]


def test_a_lane_goes_where_it_was_started():
    """Behind the calls that its creator had made by then, before the later ones, whenever it ran."""
    items = [("first", "", 0, 0, 1), ("own", "", 1, 2, 3), ("last", "", 2, 8, 9), ("task", "1:0", 0, 10, 11)]
    assert laned(items) == ["first", "task", "own", "last"]


def test_lanes_started_at_one_place_go_in_order_of_creation():
    """Who came first through the semaphore does not show, nor do the names."""
    items = [("c", "0:10", 0, 0, 1), ("b", "0:2", 0, 1, 2), ("a", "0:2.1:0", 0, 2, 3), ("d", "0:2", 1, 4, 5)]
    assert laned(items) == ["b", "a", "d", "c"]


def test_what_overlaps_within_one_lane_is_sorted():
    """On a loop without lanes, calls that ran at the same time go by name."""
    assert laned([("b", "0:1", 0, 0, 5), ("a", "0:1", 1, 1, 4)]) == ["a", "b"]
