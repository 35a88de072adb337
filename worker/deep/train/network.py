"""The transformer, with a head for pairs and one for topics.

It is BERT (Devlin et al., 2018, https://arxiv.org/abs/1810.04805), pooled from its first piece and
the mean of all. It starts from the first layers of a pretrained one: 384 wide, 12 heads of attention.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from worker.deduplicate.evidence import TOPICS
from worker.deep.encoder import inputs
from worker.deep.train.pretrained import INNER, PLACES, WIDTH
from worker.labels import Relation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from worker.deep.train.pretrained import Pretrained
    from worker.deep.wordpiece import Row

HEADS: Final = 12
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
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
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
        layers: how many it has.
    """

    def __init__(self, pieces: int, layers: int) -> None:
        super().__init__()
        self.words = nn.Embedding(pieces, WIDTH)
        self.places = nn.Embedding(PLACES, WIDTH)
        self.segments = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=_EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.pooler = nn.Linear(WIDTH, WIDTH)
        self.pair = nn.Linear(WIDTH, len(Relation))
        self.topics = nn.Linear(WIDTH, TOPICS)

    @classmethod
    def pretrained(cls, base: Pretrained, vocabulary: Sequence[str]) -> Network:
        """The network with the weights of another, of whose pieces the vocabulary is a part; new heads.

        A base that was made for embeddings may have no pooler; then that is new too.

        Raises:
            UsageError: the base does not have all of these pieces.
        """
        network = cls(len(vocabulary), base.layers)
        with torch.no_grad():
            network.words.weight.copy_(torch.from_numpy(base.words(vocabulary)))
            places = base.weights["embeddings.position_embeddings.weight"][:PLACES]
            network.places.weight.copy_(torch.from_numpy(places))
            segments = base.weights["embeddings.token_type_embeddings.weight"]
            network.segments.weight.copy_(torch.from_numpy(segments))
            _copy(network.norm, base, "embeddings.LayerNorm")
            if "pooler.dense.weight" in base.weights:
                _copy(network.pooler, base, "pooler.dense")
            for number, layer in enumerate(network.layers):
                _copy_layer(layer, base, f"encoder.layer.{number}")
            for head in (network.pair, network.topics):
                nn.init.normal_(head.weight, std=_SPREAD)
                nn.init.zeros_(head.bias)
        return network

    @classmethod
    def restored(cls, state: Mapping[str, torch.Tensor], pieces: int) -> Network:
        """The network with the weights of one that has learned, for as many pieces.

        Raises:
            RuntimeError: they do not fit.
        """
        layers = {name.split(".")[1] for name in state if name.startswith("layers.")}
        network = cls(pieces, len(layers))
        network.load_state_dict(state)
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


def _copy_layer(layer: Layer, base: Pretrained, name: str) -> None:
    _copy(layer.attention_in, base, *(f"{name}.attention.self.{part}" for part in ("query", "key", "value")))
    for ours, theirs in (
        (layer.attention_out, "attention.output.dense"),
        (layer.attention_norm, "attention.output.LayerNorm"),
        (layer.up, "intermediate.dense"),
        (layer.down, "output.dense"),
        (layer.norm, "output.LayerNorm"),
    ):
        _copy(ours, base, f"{name}.{theirs}")


def _copy(ours: nn.Module, base: Pretrained, *theirs: str) -> None:
    """The weights and biases of one part of the base, or of several as one."""
    for kind in ("weight", "bias"):
        parts = [base.weights[f"{name}.{kind}"] for name in theirs]
        getattr(ours, kind).copy_(torch.from_numpy(np.concatenate(parts)))
