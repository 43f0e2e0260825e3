"""A tiny chat model with random weights, made on the spot: nothing is downloaded, nothing learnt.

The files of a Llama of one layer are written by hand, without importing torch.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>"
    "{% endfor %}<|assistant|>"
)
SPECIAL = ("<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
LENGTH, HIDDEN, INNER = 32_768, 16, 32


def make(folder: Path) -> None:
    """Write the model and its tokenizer into `folder`."""
    words = _tokenizer(folder)
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": words,
        "hidden_size": HIDDEN, "intermediate_size": INNER, "num_hidden_layers": 1,
        "num_attention_heads": 2, "num_key_value_heads": 2, "max_position_embeddings": LENGTH,
        "bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0, "dtype": "float32",
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    generation = {"eos_token_id": 0, "pad_token_id": 0, "do_sample": True, "max_new_tokens": 150}
    (folder / "generation_config.json").write_text(json.dumps(generation))
    _weights(folder, words)


def _tokenizer(folder: Path) -> int:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    signs = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {sign: at for at, sign in enumerate([*SPECIAL, *signs])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast", "eos_token": SPECIAL[0],
        "pad_token": SPECIAL[0], "model_max_length": LENGTH, "chat_template": TEMPLATE,
    }  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return len(vocabulary)


def _weights(folder: Path, words: int) -> None:
    from safetensors.numpy import save_file

    chance = np.random.default_rng(7)

    def random(*shape: int) -> np.ndarray:
        return chance.normal(0, 0.2, shape).astype(np.float32)

    layer = "model.layers.0"
    named = {f"{layer}.self_attn.{name}_proj.weight": random(HIDDEN, HIDDEN) for name in "qkvo"}
    named |= {f"{layer}.mlp.{n}_proj.weight": random(INNER, HIDDEN) for n in ("gate", "up")}
    named[f"{layer}.mlp.down_proj.weight"] = random(HIDDEN, INNER)
    norms = (f"{layer}.input_layernorm", f"{layer}.post_attention_layernorm", "model.norm")
    named |= {f"{name}.weight": np.ones(HIDDEN, np.float32) for name in norms}
    named["model.embed_tokens.weight"] = random(words, HIDDEN)
    named["lm_head.weight"] = random(words, HIDDEN)
    save_file(named, folder / "model.safetensors", metadata={"format": "pt"})
