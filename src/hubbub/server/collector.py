"""The collector of cycles: how often it looks, and at how much, for the loop waits meanwhile."""

from __future__ import annotations

import gc
from typing import Final

COLLECT_AFTER: Final = (5_000, 3, 400)
"""How many new objects, and how many rounds of the younger generation, before a collection.

So it looks at some 25,000 objects at once, which takes 3 to 7 ms. Nearly everything goes by its
count, and a connection leaves a dozen objects in cycles: a look at all that there is, which takes
0.1 s with 4,000 people in 10,000 channels, comes after some hundred thousand connections.
"""


def tune() -> None:
    """Let the collector look at what is made from here on.

    What a start leaves behind stays for good, and would be gone through again and again for
    nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()
