"""What the three services stand on.

Every process of them looks for garbage in cycles less often than Python would by itself: what a
start imports stays for good, and nearly all that a request makes goes without being looked for.
"""

import gc

gc.set_threshold(50_000, 20, 100)
