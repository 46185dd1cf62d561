"""What GRPO minimizes: answers that earn more than the others to the same prompt get likelier.

Shao et al., DeepSeekMath (2024). Each answer is learnt from once, by the very model that gave it,
so the ratio that GRPO clips is 1. Lengths count as in Liu et al., Dr. GRPO (2025): dividing by each
answer's own length would reward long wrong ones.
"""

import torch

SMALLEST_SPREAD = 1e-4  # of the rewards in a group


def advantages(rewards: torch.Tensor) -> torch.Tensor:
    """How far each answer is above its group, in standard deviations.

    Args:
        rewards: A row per prompt, a column per answer.
    """
    spread = rewards.std(dim=1, keepdim=True)
    return (rewards - rewards.mean(dim=1, keepdim=True)) / (spread + SMALLEST_SPREAD)


def losses(
    log_probabilities: torch.Tensor,
    reference: torch.Tensor,
    answer_mask: torch.Tensor,
    advantage: torch.Tensor,
    beta: float,
    answer_length: int,
) -> torch.Tensor:
    """A value per answer.

    Args:
        log_probabilities, reference: Of each token, by the model and by the base model.
        answer_mask: Where an answer has a token.
        advantage: Of each answer.
        answer_length: Tokens of an answer at the most.
    """
    ratio = (log_probabilities - log_probabilities.detach()).exp()  # 1, with the right gradient
    behind = reference - log_probabilities
    divergence = (behind.exp() - behind - 1) * ratio  # Schulman's k3, an estimate of KL
    of_tokens = beta * divergence - ratio * advantage.unsqueeze(1)
    return (of_tokens * answer_mask).sum(dim=1) / answer_length
