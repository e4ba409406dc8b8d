"""axe-core in the browser's page: https://github.com/dequelabs/axe-core. CONSULTD_AXE names its axe.min.js, which
tests/interop installs."""

import json
import os
import unittest

from chromium import program

PEERS = os.environ.get("PEERS_BUILD") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "consultd-peers")
AXE = os.environ.get("CONSULTD_AXE") or os.path.join(PEERS, "npm", "node_modules", "axe-core", "axe.min.js")
HAS_AXE = unittest.skipUnless(program() and os.path.exists(AXE), "no Chromium, or no axe-core, is installed here")


def violations(browser):
    """What it finds on the page as it stands, with everything unfolded: [rule, where and why]."""
    with open(AXE, encoding="utf-8") as source:
        browser.look(source.read() + "; true")
    browser.look("document.querySelectorAll('details').forEach(one => one.open = true)")
    return json.loads(browser.look("""axe.run(document, {preload: false, resultTypes: ['violations']}).then(
        said => JSON.stringify(said.violations.map(
            one => [one.id, one.nodes.map(node => node.html + ': ' + node.failureSummary)])))"""))
