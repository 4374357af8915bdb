"""Records below arrays of arrays, as in exports of spans, and what stands around them."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reading.reading import broken, context, read, values
from trace_assets.reading import Around, Context, Limits, Record, Shape

SPANS = Shape(
    arrays=(
        "resourceSpans|resource_spans/*/scopeSpans|scope_spans/*/spans",
        "resourceLogs/*/scopeLogs/*/logRecords",
    ),
    first=(
        "resourceSpans|resource_spans/*/resource",
        "resourceSpans|resource_spans/*/scopeSpans|scope_spans/*/scope",
        "resourceLogs/*/resource",
    ),
)
TRACES = Shape(arrays=("data/*/spans",), first=("data/*/processes",))


def export(*, resource_first: bool, snake: bool = False, indent: int | None = None) -> bytes:
    def ordered(first: dict[str, Any], records: dict[str, Any]) -> dict[str, Any]:
        return first | records if resource_first else records | first

    resources, scopes = (
        ("resource_spans", "scope_spans") if snake else ("resourceSpans", "scopeSpans")
    )
    document = {
        resources: [
            ordered(
                {"resource": {"name": resource}},
                {
                    scopes: [
                        ordered(
                            {"scope": {"name": f"{resource}{scope}"}, "schemaUrl": "u"},
                            {"spans": [{"id": f"{resource}{scope}{n}"} for n in range(2)]},
                        )
                        for scope in "xy"
                    ]
                },
            )
            for resource in "ab"
        ]
    }
    return json.dumps(document, indent=indent).encode()


def with_surroundings(data: bytes, shape: Shape, limits: Limits = Limits()) -> list[Any]:  # noqa: B008  # a constant
    around, found = Around(), []
    for item in read(data, shape, limits):
        if isinstance(item, Context):
            around.add(item)
        elif isinstance(item, Record):
            found.append((item.value, dict(around.of(item.place))))
    return found


def test_spans_are_records_and_what_encloses_them_is_context() -> None:
    data = export(resource_first=True)
    items = read(data, SPANS)
    records = [item for item in items if isinstance(item, Record)]
    assert [record.place.fragment for record in records][:3] == [
        "resourceSpans/0/scopeSpans/0/spans/0",
        "resourceSpans/0/scopeSpans/0/spans/1",
        "resourceSpans/0/scopeSpans/1/spans/0",
    ]
    assert [record.value["id"] for record in records] == [
        *("ax0", "ax1", "ay0", "ay1", "bx0", "bx1", "by0", "by1"),
    ]
    assert [record.place.number for record in records] == list(range(8))
    assert context(items)[:3] == [
        ("/resourceSpans/0/resource", {"name": "a"}),
        ("/resourceSpans/0/scopeSpans/0/scope", {"name": "ax"}),
        ("/resourceSpans/0/scopeSpans/0/schemaUrl", "u"),
    ]
    assert len(context(items)) == 2 + 4 + 4


@pytest.mark.parametrize("resource_first", [True, False])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("window", [16, 1 << 20])
def test_a_record_finds_the_resource_and_the_scope_that_enclose_it(
    resource_first: bool, indent: int | None, window: int
) -> None:
    data = export(resource_first=resource_first, indent=indent)
    found = with_surroundings(data, SPANS, Limits(window_bytes=window))
    assert len(found) == 8
    for span, around in found:
        assert around["/resourceSpans/*/resource"] == {"name": span["id"][0]}
        assert around["/resourceSpans/*/scopeSpans/*/scope"] == {"name": span["id"][:2]}
        assert ("/resourceSpans/*/scopeSpans/*/schemaUrl" in around) == resource_first


def test_other_spellings_of_the_same_path_are_read_in_one_file() -> None:
    lines = [
        export(resource_first=False, snake=True),
        export(resource_first=True),
        b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"id":"ax0"}]}],"resource":{"name":"a"}}]}',
    ]
    found = with_surroundings(b"\n".join(lines), SPANS)
    assert len(found) == 8 + 8 + 1
    for span, around in found:
        assert {"name": span["id"][0]} in around.values()
    assert context(read(lines[2], SPANS)) == [("/resourceLogs/0/resource", {"name": "a"})]


def test_surroundings_of_one_document_do_not_reach_into_the_next() -> None:
    data = b'{"data":[{"processes":1,"spans":[{}]},{"spans":[{}]}],"total":3}\n' * 2
    assert [around for _, around in with_surroundings(data, TRACES)] == [
        {"/data/*/processes": 1},
        {},
    ] * 2


def test_context_of_a_later_document_has_its_number_first() -> None:
    data = b'{"x":1}\n{"data":[{"spans":[{"a":1}],"processes":2}]}'
    items = read(data, TRACES)
    assert context(items) == [("/1/data/0/processes", 2)]
    assert [r.place.fragment for r in items if isinstance(r, Record)] == ["0", "1/data/0/spans/0"]


def test_what_leads_to_no_records_is_context_with_its_place() -> None:
    data = b'{"data":[1,{"spans":{"a":1}},[2],{"spans":[3]},null,{},[]],"data2":{}}'
    items = read(data, TRACES)
    assert values(items) == [3]
    assert context(items) == [
        ("/data/0", 1),
        ("/data/1/spans", {"a": 1}),
        ("/data/2/0", 2),
        ("/data/4", None),
        ("/data2", {}),
    ]


def test_a_path_that_is_needed_first_but_leads_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'resource/x' of `first`.*resourceSpans"):
        read(b"{}", Shape(arrays=("resourceSpans/*/spans",), first=("resource/x",)))


@pytest.mark.parametrize("indent", [None, 2])
@given(st.data())
def test_a_cut_export_gives_its_whole_spans_and_says_that_it_was_cut(
    indent: int | None, data: st.DataObject
) -> None:
    whole = export(resource_first=True, indent=indent)
    cut = whole[: data.draw(st.integers(whole.index(b'"spans": [') + 10, len(whole) - 1))]
    cut = cut.rstrip()
    items = read(cut, SPANS)
    (said,) = broken(items)
    assert said.reason == "truncated"
    assert cut.endswith(said.raw)
    assert values(items) == values(read(whole, SPANS))[: len(values(items))]


@pytest.mark.parametrize("junk", [b'{"id": NaN}', b'{"id": "a" "b"}', b'{"id": "\xff"}', b"oops"])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_broken_span_harms_no_other(junk: bytes, indent: int | None) -> None:
    whole = export(resource_first=False, indent=indent)
    span = whole[whole.index(b"{", whole.index(b'"spans"')) :]
    span = span[: span.index(b"}") + 1]
    items = read(whole.replace(span, junk), SPANS)
    (said,) = broken(items)
    assert said.raw == junk
    assert said.place.fragment == "resourceSpans/0/scopeSpans/0/spans/0"
    assert len(values(items)) == 7
    assert len(context(items)) == 10


LEAF = st.sampled_from(
    ["1", "2"] * 5
    + ['"x,y"', "null", "{}", "[ ]", '{"k": [1, {"spans": 2}]}', '"\\ud800"', '{"k":1,"k":1}']
)
SPACE = st.sampled_from(["", "", " ", "\t ", "\r"])


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    parts = [draw(SPACE) + draw(inner) + draw(SPACE) for _ in range(draw(st.integers(0, 3)))]
    return f"[{','.join(parts) or draw(SPACE)}]"


@st.composite
def objects(draw: st.DrawFn, members: dict[str, st.SearchStrategy[str]]) -> str:
    """Keys in any order, some of them twice, with any white space between them."""
    keys = draw(st.permutations(sorted(members)))[: draw(st.integers(0, 5))]
    keys += draw(st.sampled_from([[], [], [], [], keys[:1]]))
    parts = [
        f'{draw(SPACE)}"{key}"{draw(SPACE)}:{draw(SPACE)}{draw(members[key])}{draw(SPACE)}'
        for key in keys
    ]
    return f"{{{','.join(parts) or draw(SPACE)}}}"


RECORDS = arrays(LEAF) | LEAF
ELEMENTS = objects({"spans": RECORDS, "logs": RECORDS, "processes": LEAF, "a~/b": LEAF}) | objects(
    {"spans": RECORDS, "lo\\u0067s": RECORDS, "x": LEAF}
)
DOCUMENTS = objects(
    {
        "data": arrays(ELEMENTS) | arrays(LEAF) | objects({"x": ELEMENTS, "run": LEAF}),
        "run": LEAF,
        "total": LEAF,
    }
)


@given(st.lists(DOCUMENTS | LEAF, max_size=3))
@example(['{"data": [{"spans": [3]}], "total": "}", "total": 1}'])
@settings(max_examples=300)
def test_a_line_in_memory_and_a_document_in_a_window_give_the_same_items(lines: list[str]) -> None:
    shape = Shape(
        arrays=("data/*/spans|logs",), objects=("data/run",), first=("data/*/processes", "run")
    )
    usual = '{"data":[{"spans":[1]}]}'  # that lines are exploded is learnt from the first
    data = "\n".join([usual, *lines, usual]).encode()
    assert read(data, shape) == read(data, shape, Limits(window_bytes=1))


@pytest.mark.parametrize("lost", [b"]", b"}", b",", b":", b'"', b"[", b"{"])
@given(st.data())
def test_a_lost_byte_loses_no_other(lost: bytes, data: st.DataObject) -> None:
    whole = export(resource_first=True)
    places = [at for at, byte in enumerate(whole) if byte == lost[0]]
    at = data.draw(st.sampled_from(places))
    damaged = whole[:at] + whole[at + 1 :]
    kept = b"".join(item.raw for item in read(damaged, SPANS))
    for name in (b"ax0", b"ax1", b"ay0", b"ay1", b"bx0", b"bx1", b"by0", b"by1"):
        assert name in kept
