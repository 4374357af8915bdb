import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.training.asking import (
    JOB,
    asked,
    endpoint_of,
    relabel,
    settings_of,
    wait_until_answers_are_kept,
)
from tests.training.openai_server import KEY, NO_CHOICES, NO_JSON, OpenAIServer, Trouble
from trace_assets.errors import ConfigError, TeacherError
from trace_assets.training.cache import AnswerCache
from trace_assets.training.relabel import RelabelCounts, RelabelSettings, relabelled

pytest.importorskip("openai", reason="needs the extra `teacher`")


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    models = {
        "one": "From one.",
        "two": "From two.",
        "three": "From three.",
        "arbiter": "2",
    }
    with OpenAIServer({**models}) as server:
        yield server


def test_without_an_endpoint_labels_are_kept_and_the_counts_say_so() -> None:
    settings = settings_of(None)
    counts = RelabelCounts(settings)
    results = list(relabelled([asked(1)], job_description=JOB, settings=settings, cache=None))
    counts.add(results[0])
    assert results[0].label == asked(1).label
    assert (results[0].kept_original, results[0].why) == (True, "no_endpoint")
    assert counts.as_dict()["by_reason"] == {"no_endpoint": 1}


def test_relabel_false_asks_nobody(server: OpenAIServer) -> None:
    settings = RelabelSettings(False, "arbiter", ("one",), endpoint_of(server))
    [result] = relabelled([asked()], job_description=JOB, settings=settings, cache=None)
    assert (result.why, server.asked) == ("relabel_is_off", [])


def test_each_member_proposes_the_arbiter_picks_and_all_votes_are_kept(
    server: OpenAIServer, tmp_path: Path
) -> None:
    [result] = relabel([asked()], server, tmp_path / "cache")
    assert result.label == {"role": "assistant", "content": "From two."}
    assert (result.kept_original, result.why) == (False, "arbiter")
    assert result.votes is not None
    assert [vote.model for vote in result.votes.votes] == ["one", "two", "three"]
    assert (result.votes.arbiter, result.votes.picked) == ("arbiter", 1)
    assert result.cost.tokens == 4 * 110


def test_members_are_told_job_and_conversation_but_not_the_label_they_replace(
    server: OpenAIServer, tmp_path: Path
) -> None:
    relabel([asked(7, said="The old answer.")], server, tmp_path / "cache")
    told = str([body["messages"] for _, body in server.asked])
    assert JOB["task_description"] in told
    assert "number 7" in told
    assert "The old answer." not in told
    assert all(body["temperature"] == 0 for _, body in server.asked)


def test_a_second_run_asks_for_nothing_and_says_the_same(
    server: OpenAIServer, tmp_path: Path
) -> None:
    examples = [asked(number) for number in range(6)]
    first = relabel(examples, server, tmp_path / "cache", concurrency=1)
    requests = len(server.asked)
    second = relabel(examples, server, tmp_path / "cache", concurrency=5)
    assert repr(second) == repr(first)
    assert len(server.asked) == requests == 24


def test_results_come_in_the_order_of_the_examples_whatever_is_answered_first(
    server: OpenAIServer, tmp_path: Path
) -> None:
    def slow_for_the_first(body: dict[str, object]) -> str:
        time.sleep(0.3 if "number 0" in str(body) else 0)
        return "Yes."

    server.models["one"] = slow_for_the_first
    results = relabel([asked(n) for n in range(8)], server, tmp_path / "c", "one", concurrency=4)
    assert [result.example.example_id for result in results] == [f"t{n}:1" for n in range(8)]
    assert 1 < server.at_once <= 4


def test_the_same_question_is_paid_for_once_also_when_asked_twice_at_a_time(
    server: OpenAIServer, tmp_path: Path
) -> None:
    server.delay_s = 0.1
    results = relabel([asked(1)] * 5, server, tmp_path / "cache", "one", concurrency=5)
    assert server.payments == 1
    assert [result.cost.tokens for result in results] == [110, 0, 0, 0, 0]


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(500),
        Trouble(503),
        Trouble(429, {"retry-after": "0.1"}),
        NO_JSON,
        NO_CHOICES,
        Trouble(200, delay_s=1.5),
    ],
    ids=["500", "503", "429", "no json", "no choices", "too slow"],
)
def test_passing_trouble_is_overcome(
    server: OpenAIServer, tmp_path: Path, trouble: Trouble
) -> None:
    server.troubles = [trouble]
    [result] = relabel([asked()], server, tmp_path / "cache", "one", timeout_s=0.7)
    assert (result.why, len(server.asked)) == ("agreed", 2)


def test_when_told_to_wait_all_requests_wait(server: OpenAIServer, tmp_path: Path) -> None:
    server.troubles = [Trouble(429, {"retry-after": "1"})]
    relabel([asked(n) for n in range(6)], server, tmp_path / "cache", "one", concurrency=2)
    times = [moment for moment, _ in server.asked]
    # The two that were under way came at once, then nobody for a second.
    assert sum(moment < times[0] + 0.9 for moment in times) <= 3
    assert server.payments == 6


def test_a_member_that_stays_silent_is_recorded_and_the_others_decide(
    server: OpenAIServer, tmp_path: Path
) -> None:
    server.troubles = [Trouble(500)] * 2
    [result] = relabel([asked()], server, tmp_path / "cache", "one", "two", tries=2)
    assert result.votes is not None
    assert result.votes.votes[0].why == "HTTP 500, after 2 tries"
    assert (result.label, result.why) == ({"role": "assistant", "content": "From two."}, "agreed")


def test_a_request_that_is_refused_is_not_sent_again(server: OpenAIServer, tmp_path: Path) -> None:
    server.troubles = [Trouble(400)]
    [result] = relabel([asked()], server, tmp_path / "cache", "one")
    assert (result.kept_original, result.why) == (True, "no_valid_proposal")
    assert len(server.asked) == 1


def test_an_endpoint_that_is_down_stops_the_run_and_another_run_may_help(
    server: OpenAIServer, tmp_path: Path
) -> None:
    server.troubles = [Trouble(503)] * 100
    with pytest.raises(
        TeacherError, match=r"1\d requests in a row had no answer.*HTTP 503"
    ) as error:
        relabel([asked(n) for n in range(50)], server, tmp_path / "cache", tries=1)
    assert error.value.retryable
    assert len(server.asked) < 20


def test_a_wrong_key_stops_the_run_without_showing_it(server: OpenAIServer, tmp_path: Path) -> None:
    server.troubles = [Trouble(401)]
    with pytest.raises(TeacherError, match="HTTP 401 for one: it does not know the key") as error:
        relabel([asked(n) for n in range(50)], server, tmp_path / "cache", concurrency=1)
    assert not error.value.retryable
    assert len(server.asked) == 1
    assert KEY not in str(error.value)


def test_an_unknown_model_stops_the_run_and_is_named(server: OpenAIServer, tmp_path: Path) -> None:
    with pytest.raises(TeacherError, match=r"HTTP 404 for none: it does not know .* the model"):
        relabel([asked()], server, tmp_path / "cache", "none")


def test_the_key_is_nowhere_but_in_the_request(server: OpenAIServer, tmp_path: Path) -> None:
    settings = settings_of(endpoint_of(server))
    counts = RelabelCounts(settings)
    for result in relabel([asked()], server, tmp_path / "cache"):
        counts.add(result)
        assert KEY not in repr(result)
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert KEY.encode() not in written
    assert KEY not in f"{settings}{counts.as_dict()}"


def test_settings_of_another_openai_account_are_not_sent(
    server: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-another")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another")
    relabel([asked()], server, tmp_path / "cache")
    assert "of-another" not in str(server.headers)


def test_at_the_ceiling_the_rest_keeps_its_labels_and_nothing_more_is_paid(
    server: OpenAIServer, tmp_path: Path
) -> None:
    examples = [asked(number) for number in range(40)]
    limits = {"max_tokens": 12_000, "answer_tokens": 100}
    counts = RelabelCounts(settings_of(endpoint_of(server, **limits)))
    for result in relabel(examples, server, tmp_path / "cache", **limits):
        counts.add(result)
    found = counts.as_dict()
    assert 0 < found["relabelled"] < 40
    assert found["by_reason"]["ceiling_reached"] == 40 - found["relabelled"]
    assert found["tokens"] <= found["max_tokens"] == 12_000
    assert server.payments == 4 * found["relabelled"]


@pytest.mark.parametrize("concurrency", [2, 7])
def test_what_is_over_the_ceiling_depends_neither_on_concurrency_nor_on_the_cache(
    server: OpenAIServer, tmp_path: Path, concurrency: int
) -> None:
    examples = [asked(number) for number in range(40)]
    limits = {"max_tokens": 12_000, "answer_tokens": 100}
    one = relabel(examples, server, tmp_path / "one", **limits, concurrency=1)
    assert one[0].why == "arbiter"
    for cache in ("one", "other"):
        again = relabel(examples, server, tmp_path / cache, **limits, concurrency=concurrency)
        assert repr(again) == repr(one)


def test_an_endpoint_that_counts_no_tokens_is_held_to_the_most_it_can_have_used(
    server: OpenAIServer, tmp_path: Path
) -> None:
    server.usage = None
    limits = {"max_tokens": 12_000, "answer_tokens": 100}
    results = relabel([asked(n) for n in range(20)], server, tmp_path / "cache", **limits)
    spent = sum(result.cost.tokens for result in results)
    relabelled = sum(not result.kept_original for result in results)
    assert 0 < relabelled < 6
    assert 1_000 * relabelled < spent <= 12_000


def test_a_ceiling_in_dollars_holds(server: OpenAIServer, tmp_path: Path) -> None:
    prices = dict.fromkeys(("one", "arbiter"), (1.0, 2.0))
    results = relabel(
        [asked(n) for n in range(40)],
        server,
        tmp_path / "cache",
        "one",
        max_usd=0.03,
        prices=prices,
        answer_tokens=100,
    )
    spent = sum(result.cost.usd for result in results)
    assert spent == pytest.approx(sum(not r.kept_original for r in results) * 120e-6)
    assert 0.001 < spent <= 0.03


def test_a_ceiling_in_dollars_without_a_price_is_refused(
    server: OpenAIServer, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="MAX_USD: no price of arbiter, three, two"):
        relabel([asked()], server, tmp_path / "c", max_usd=1, prices={"one": (1.0, 1.0)})
    assert server.asked == []


_CHILD = """
import sys
from pathlib import Path
from pydantic import SecretStr
from tests.training.asking import asked, settings_of, JOB
from trace_assets.training.cache import AnswerCache
from trace_assets.training.endpoint import Endpoint
from trace_assets.training.relabel import relabelled

endpoint = Endpoint(url=sys.argv[1], key=SecretStr(sys.argv[2]), concurrency=3)
with AnswerCache(Path(sys.argv[3])) as cache:
    examples = [asked(number) for number in range(10)]
    for each in relabelled(
        examples, job_description=JOB, settings=settings_of(endpoint), cache=cache
    ):
        print(each.example.example_id, each.label, flush=True)
"""


def test_a_killed_run_is_resumed_without_paying_twice(server: OpenAIServer, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _CHILD, server.url, KEY, str(tmp_path / "cache")]
    server.hold_after = 22
    with subprocess.Popen(command, stdout=subprocess.PIPE) as first:
        try:
            assert server.held.wait(60)
            wait_until_answers_are_kept(tmp_path / "cache", 22)
        finally:
            first.send_signal(signal.SIGKILL)
    server.let_go()
    second = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert len(second.stdout.splitlines()) == 10
    assert server.payments == 40
    assert set(server.paid.values()) == {1}


def test_stopping_early_leaves_no_thread_that_asks(server: OpenAIServer, tmp_path: Path) -> None:
    with AnswerCache(tmp_path / "cache") as cache:
        results = relabelled(
            (asked(n) for n in range(10**9)),
            job_description=JOB,
            settings=settings_of(endpoint_of(server)),
            cache=cache,
        )
        next(results)
        results.close()
    before = len(server.asked)
    time.sleep(0.2)
    assert len(server.asked) == before < 100
