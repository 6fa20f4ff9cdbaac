import contextlib
import math
import struct
import time

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.exam.wire import Caps, Decoder, Encoder, Ref, WireError

CAPS = Caps()


def there_and_back(value, caps=CAPS):
    return Decoder(caps).decode(Encoder(caps).encode(value))


def same(a, b):
    """Equal in value and in type, NaN included."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(_bits(a), _bits(b))
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return a == b


def _bits(array):
    return np.ascontiguousarray(array).view(np.uint8) if array.size else array.reshape(-1)


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text()
    | st.binary(max_size=50)
)
keys = st.text() | st.integers() | st.tuples(st.integers(), st.text())
arrays = hnp.arrays(
    dtype=hnp.boolean_dtypes()
    | hnp.integer_dtypes()
    | hnp.floating_dtypes()
    | hnp.complex_number_dtypes()
    | hnp.unicode_string_dtypes(max_len=8),
    shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
)
values = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.tuples(inner, inner)
        | st.dictionaries(keys, inner, max_size=5)
    ),
    max_leaves=20,
)


@pytest.mark.slow
@given(values)
@settings(max_examples=300, deadline=None)
def test_values_arrive_as_they_were(value):
    assert same(there_and_back(value), value)


@pytest.mark.parametrize(
    "value",
    [
        {1, 2, "three"},
        frozenset({1.5, (1, 2)}),
        slice(1, None, 2),
        range(3, 30, 4),
        Ellipsis,
        bytearray(b"abc"),
        2**200,
        -(2**200),
        np.float32(1.5),
        np.int64(-3),
        np.bool_(True),
        np.str_("δ"),
        np.bytes_(b"x"),
        np.dtype("float32"),
        [1.0] * 100,
        list(range(100)),
        [True] * 100,
        [2**70] * 100,
        "lone surrogate \ud800",
        {"a": np.arange(3), ("b", 1): [()]},
    ],
)
def test_further_types_arrive_as_they_were(value):
    back = there_and_back(value)
    assert same(back, value) or (type(back) is type(value) and back == value)


def test_memory_layout_and_write_protection_cross():
    fortran = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    back = there_and_back(fortran)
    assert back.flags.f_contiguous
    assert not back.flags.c_contiguous
    assert np.array_equal(back, fortran)
    locked = np.arange(3)
    locked.flags.writeable = False
    assert not there_and_back(locked).flags.writeable
    assert there_and_back(np.arange(3)).flags.writeable


def test_views_and_subclasses_arrive_as_plain_arrays():
    assert np.array_equal(there_and_back(np.arange(10)[::-3]), np.arange(10)[::-3])
    assert type(there_and_back(np.matrix([[1, 2]]))) is np.ndarray
    assert there_and_back(np.broadcast_to(1.0, (3, 2))).shape == (3, 2)


def test_object_arrays_cross_item_by_item():
    array = np.array([None, [1, 2], 2.5, (1,)], dtype=object)
    back = there_and_back(array)
    assert back.dtype == object
    assert back.tolist() == array.tolist()
    assert there_and_back(np.array(3, dtype=object)).shape == ()


def test_named_tuples_keep_their_names():
    from collections import OrderedDict, namedtuple

    point = there_and_back(namedtuple("Point", "x y")(1, [2.0]))
    assert point == (1, [2.0])
    assert point.x == 1
    assert point.y == [2.0]
    with pytest.raises(AttributeError):
        point.z  # noqa: B018
    assert there_and_back(OrderedDict(a=1)) == {"a": 1}


def test_bfloat16_crosses():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = np.array([1.5, -2.0], dtype=ml_dtypes.bfloat16)
    assert same(there_and_back(array).astype(float), array.astype(float))
    assert there_and_back(array).dtype == array.dtype


def test_other_objects_become_references():
    encoder = Encoder(CAPS, lambda value: Ref("proxy", [id(value), "name"]))
    something = object()
    decoder = Decoder(CAPS, {"proxy": lambda content: ("proxy", *content)})
    assert decoder.decode(encoder.encode([something])) == [("proxy", id(something), "name")]
    with pytest.raises(WireError, match="not allowed"):
        Decoder(CAPS).decode(encoder.encode(something))
    with pytest.raises(WireError, match="cannot be sent"):
        Encoder(CAPS).encode(something)


def test_what_is_too_large_or_too_deep_is_refused_by_the_sender():
    deep = []
    for _ in range(40):
        deep = [deep]
    endless = []
    endless.append(endless)
    small = Caps(frame_bytes=10_000, structure_bytes=1_000)
    for value in (deep, endless, 10 ** (5 * 4096)):
        with pytest.raises(WireError):
            Encoder(CAPS).encode(value)
    for value in (np.zeros(2_000), "x" * 2_000, np.broadcast_to(0.0, (10**9,))):
        with pytest.raises(WireError):
            Encoder(small).encode(value)


def ext(code, content):
    return msgpack.packb(msgpack.ExtType(code, msgpack.packb(content)))


@pytest.mark.parametrize(
    "structure",
    [
        b"",
        b"\xc1",
        b"\x91" * 40 + b"\xc0",
        b"\x91" * 100_000 + b"\xc0",
        msgpack.packb([1]) + b"\x01",
        msgpack.packb(msgpack.Timestamp(1)),
        ext(99, []),
        ext(13, ["array", "|O8", [1], False, True, 0]),
        ext(13, ["array", "<f8", [2], False, True, 0]),
        ext(13, ["array", "<f8", [-1], False, True, 0]),
        ext(13, ["array", "<f8", [1] * 40, False, True, 0]),
        ext(13, ["array", "<f8", [1], False, True, 7]),
        ext(13, ["array", "<f8", ["1"], False, True, 0]),
        ext(13, ["array", "<V8", [1], False, True, 0]),
        ext(13, ["array", "f8,f8", [1], False, True, 0]),
        ext(13, ["tensor", "<M8", [1], False, True, 0]),
        ext(13, ["scalar", "<f8", b"123"]),
        ext(13, ["scalar", "|O8", b"12345678"]),
        ext(13, ["dtype", "O"]),
        ext(13, ["no such thing"]),
        ext(13, ["objects", [10**12], []]),
        ext(12, ["float", 3]),
        ext(2, [[1]]),
        ext(1, {"a": 1}),
        ext(8, [0, 10, 0]),
        ext(8, [0.0, 10, 1]),
        ext(10, [["__class__"], [1]]),
        ext(10, [["a"], [1, 2]]),
        ext(4, ["1", 2.0]),
        ext(11, ["proxy", 1]),
        ext(11, 5),
        msgpack.packb(msgpack.ExtType(5, b"\x01" * 5000)),
        ext(9, 1 << 40),
        ext(9, [1]),
        ext(13, ["array", "<f8", [0, 1 << 60], False, True, 0]),
        ext(13, ["array", "<f8", [1], "yes", True, 0]),
        ext(13, ["array", "<f8", [1], False, 1, 0]),
        ext(13, ["array", "<U2", [1], False, True, 0]),
        ext(13, [["array"], "<f8", [1], False, True, 0]),
        ext(13, "array"),
        ext(13, ["shape", "12"]),
        ext(12, [["float"], 0]),
        ext(8, 3),
        ext(10, ["ab", [1, 2]]),
        ext(11, [["proxy"], 1]),
        b"\x81\x90\xc0",
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
    ],
)
def test_forged_structures_raise_wire_errors(structure):
    with pytest.raises(WireError):
        Decoder(CAPS).decode((structure, [b"12345678"]))


class Untouchable:
    """Stands for a proxy: to touch it is to ask the other side."""

    def touched(self, *_):
        raise AssertionError("it was touched while the message was read")

    __eq__ = __hash__ = __str__ = __repr__ = __bool__ = __len__ = __iter__ = __index__ = touched
    __getattr__ = touched


@pytest.mark.parametrize("code", range(1, 14))
@pytest.mark.parametrize("place", range(6))
def test_a_reference_is_not_touched_while_a_message_is_read(code, place):
    ref = msgpack.ExtType(11, msgpack.packb(["proxy", 1]))
    decoder = Decoder(CAPS, {"proxy": lambda _: Untouchable()})
    for word in ("array", "tensor", "objects", "shape", "scalar", "text", "dtype", "tf-dtype"):
        usual = [word, "<f8", [1], False, True, 0]
        for content in (
            ref,
            [ref],
            [ref] * 2,
            [ref] * 3,
            [*usual[:place], ref, *usual[place + 1 :]],
        ):
            with contextlib.suppress(WireError):
                decoder.decode((ext(code, content), [b"12345678"]))


@pytest.mark.parametrize("kind", ["dict", "set"])
def test_references_and_keys_of_one_hash_are_no_keys(kind):
    def holding(keys):
        if kind == "set":
            return ext(2, keys)
        pairs = b"".join(msgpack.packb(key) + b"\xc0" for key in keys)
        return b"\xdf" + len(keys).to_bytes(4, "big") + pairs

    colliding = [
        msgpack.ExtType(5, ((2**61 - 1) * n << 64).to_bytes(24, "little")) for n in range(1, 200)
    ]
    decoder = Decoder(CAPS, {"proxy": lambda _: Untouchable()})
    for keys in ([msgpack.ExtType(11, msgpack.packb(["proxy", 1]))], colliding):
        with pytest.raises(WireError, match=r"keys|plain data"):
            decoder.decode((holding(keys), []))


def test_only_plain_data_where_no_values_are_agreed():
    plain = Decoder(CAPS, plain=True)
    data = {"a": [1, 2.5, None, True, "text", b"bytes", 10**300]}
    assert plain.decode(Encoder(CAPS).encode(data)) == data
    for value in (np.ones(2), (1, 2), {1}, 1j, range(3), np.float64(1), list(range(40))):
        with pytest.raises(WireError, match="plain"):
            plain.decode(Encoder(CAPS).encode([value]))


def test_an_integer_that_crosses_can_be_written_as_text():
    largest = 10**4280
    assert len(str(Decoder(CAPS).decode(Encoder(CAPS).encode(largest)))) == 4281
    with pytest.raises(WireError):
        Encoder(CAPS).encode(10**4300)


def test_booleans_have_one_bit():
    forged = ext(13, ["array", "|b1", [3], False, True, 0])
    array = Decoder(CAPS).decode((forged, [b"\x00\x01\x02"]))
    assert array.view(np.uint8).tolist() == [0, 1, 1]


def test_a_blob_is_taken_only_once():
    structure, blobs = Encoder(CAPS).encode([np.arange(8.0)])
    header = msgpack.unpackb(structure)[0]
    with pytest.raises(WireError, match="without its bytes"):
        Decoder(CAPS).decode((msgpack.packb([header, header]), blobs))


def test_nested_extensions_are_bounded():
    data = msgpack.packb(1)
    for _ in range(200):
        data = msgpack.packb(msgpack.ExtType(1, msgpack.packb([1])[:1] + data))
    with pytest.raises(WireError):
        Decoder(CAPS).decode((data, []))


@given(st.binary(max_size=200), st.lists(st.binary(max_size=16), max_size=3))
@settings(max_examples=500, deadline=None)
def test_random_bytes_raise_nothing_but_wire_errors(structure, blobs):
    with contextlib.suppress(WireError):
        Decoder(CAPS).decode((structure, blobs))


@given(values, st.data())
@settings(max_examples=200, deadline=None)
def test_damaged_messages_raise_nothing_but_wire_errors(value, data):
    structure, blobs = Encoder(CAPS).encode(value)
    damaged = bytearray(structure)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(WireError):
        Decoder(CAPS).decode((bytes(damaged), blobs))


def test_a_full_structure_of_small_items_stays_small_in_memory_and_time():
    started = time.monotonic()
    with pytest.raises(WireError):
        Decoder(CAPS).decode((b"\xdd\x00\x40\x00\x00" + b"\x90" * 0x400000, []))
    assert time.monotonic() - started < 30  # a bound on hanging, not a measurement
