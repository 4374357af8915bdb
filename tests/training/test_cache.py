import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trace_assets.errors import ConfigError, StoreError
from trace_assets.training.cache import Answer, AnswerCache
from trace_assets.training.endpoint import endpoint_from

SECRET = "sk-very-secret"  # noqa: S105 - of nothing


def test_an_answer_is_there_for_the_next_run(tmp_path: Path) -> None:
    answer = Answer("Yes. \x00 \U0001f600", is_cut=True, input_tokens=3)
    with AnswerCache(tmp_path / "new" / "folder" / "cache") as cache:
        assert cache.find("key") is None
        cache.add("key", answer)
    with AnswerCache(tmp_path / "new" / "folder" / "cache") as cache:
        assert cache.find("key") == answer
        assert (cache.found, cache.added) == (1, 0)


def test_threads_and_other_caches_on_the_same_file_may_write_together(tmp_path: Path) -> None:
    with AnswerCache(tmp_path / "c") as one, AnswerCache(tmp_path / "c") as other:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: (one, other)[n % 2].add(str(n), Answer(str(n))), range(60)))
        assert all(one.find(str(n)) == Answer(str(n)) for n in range(60))


def test_the_first_of_two_answers_stays(tmp_path: Path) -> None:
    with AnswerCache(tmp_path / "c") as cache:
        cache.add("key", Answer("first"))
        cache.add("key", Answer("second"))
        assert cache.find("key") == Answer("first")


def test_a_file_that_is_no_cache_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 100, encoding="utf-8")
    with pytest.raises(StoreError, match=r"notes.txt: cache of the teachers' answers: file is not"):
        AnswerCache(path)
    assert path.read_text(encoding="utf-8").startswith("not a database")


def test_a_damaged_answer_is_an_error_and_not_asked_for_again(tmp_path: Path) -> None:
    with AnswerCache(tmp_path / "c") as cache:
        cache.add("key", Answer("x"))
    database = sqlite3.connect(tmp_path / "c")
    database.execute("UPDATE answers SET answer = '{'")
    database.commit()
    database.close()
    with AnswerCache(tmp_path / "c") as cache, pytest.raises(StoreError, match="answer key"):
        cache.find("key")


def test_without_a_url_there_is_no_endpoint() -> None:
    assert endpoint_from({"TRACE_ASSETS_TEACHER_KEY": SECRET, "HOME": "/"}) is None


def test_the_environment_names_the_endpoint_and_its_limits() -> None:
    endpoint = endpoint_from(
        {
            "TRACE_ASSETS_TEACHER_URL": "http://127.0.0.1:8000/v1",
            "TRACE_ASSETS_TEACHER_KEY": SECRET,
            "TRACE_ASSETS_TEACHER_MAX_USD": "2.5",
            "TRACE_ASSETS_TEACHER_PRICES": '{"zai.glm-5": [0.6, 2.2]}',
            "TRACE_ASSETS_TEACHER_CONCURRENCY": "8",
        }
    )
    assert endpoint is not None
    assert (endpoint.max_usd, endpoint.concurrency) == (2.5, 8)
    assert endpoint.usd("zai.glm-5", 1_000_000, 500_000) == pytest.approx(1.7)
    assert SECRET not in repr(endpoint)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("URL", "ftp://host", "TRACE_ASSETS_TEACHER_URL: .*expected http://host"),
        ("URL", f"http://me:{SECRET}@host/v1", "the key goes in TRACE_ASSETS_TEACHER_KEY"),
        ("MAX_TOKENS", SECRET, "TRACE_ASSETS_TEACHER_MAX_TOKENS: .*integer"),
        ("MAX_USD", "nan", "TRACE_ASSETS_TEACHER_MAX_USD: "),
        ("PRICES", SECRET, "TRACE_ASSETS_TEACHER_PRICES: "),
        ("PRICES", '{"m": 5}', "TRACE_ASSETS_TEACHER_PRICES.m: "),
        ("MAX_TOKEN", "5", "MAX_TOKEN: unknown; known: .*TRACE_ASSETS_TEACHER_MAX_TOKENS"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_not_shown(
    name: str, value: str, expected: str
) -> None:
    environment = {
        "TRACE_ASSETS_TEACHER_URL": "http://host/v1",
        f"TRACE_ASSETS_TEACHER_{name}": value,
    }
    with pytest.raises(ConfigError, match=expected) as error:
        endpoint_from(environment)
    assert SECRET not in str(error.value)
