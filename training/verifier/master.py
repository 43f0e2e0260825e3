"""AdamW for weights in bfloat16: it keeps them in float32 beside, so that small steps add up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch


class MasterAdamW(torch.optim.AdamW):
    """AdamW over float32 copies of the weights, which each step rounds back into the model."""

    def __init__(self, weights: Iterable[torch.nn.Parameter], rate: float, decay: float) -> None:
        self._weights = [one for one in weights if one.requires_grad]
        self._copies = [torch.nn.Parameter(one.detach().float().clone()) for one in self._weights]
        super().__init__(self._copies, lr=rate, weight_decay=decay, fused=True)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step from the gradients of the model's own weights."""
        for one, copy in zip(self._weights, self._copies, strict=True):
            copy.grad = None if one.grad is None else one.grad.float()
        found = super().step(closure)
        torch._foreach_copy_(self._weights, self._copies)
        return found

    def zero_grad(self, set_to_none: bool = True) -> None:  # noqa: ARG002
        """Forget the gradients of the model's own weights."""
        for one in self._weights:
            one.grad = None

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """The kept state, and from the model the weights that it was rounded to."""
        super().load_state_dict(state_dict)
        with torch.no_grad():
            for one, copy in zip(self._weights, self._copies, strict=True):
                copy.copy_(one.float())
