#!/usr/bin/env python3
"""Writes melanoma.json, marrow.json, lupus.json and proxies.json beside it: the same bytes each time.

All people, places and numbers are invented. README.md in the folder above says what each chart holds.
"""

import os

import lupus
import marrow
import melanoma
import proxies

here = os.path.dirname(os.path.abspath(__file__))
for story in (melanoma, marrow, lupus, proxies):
    story.make().save(os.path.join(here, story.__name__ + ".json"))
