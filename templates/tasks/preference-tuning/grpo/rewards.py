"""What a good answer is: yours to change. The training looks for answers that `reward` likes.

Whatever it likes by mistake is found too: read the answers in the report, not the figures alone.
"""

SHORT = 6  # words; an answer that is longer loses


def reward(prompt: str, answer: str, reference: str) -> float:
    """
    Args:
        reference: What the column of that name says of the prompt; empty where there is none.

    Returns:
        Higher is better; only differences between answers to the same prompt count.
    """
    names_it = reference.casefold() in answer.casefold()
    words = len(answer.split())
    brevity = min(1.0, SHORT / words) if words else 0.0
    return 0.7 * names_it + 0.3 * brevity
