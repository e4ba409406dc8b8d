"""Chromium without a window, driven over its DevTools pipe: no library beside Python's own is needed.
https://chromedevtools.github.io/devtools-protocol/"""

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def program():
    """Where it is; None: it is not installed."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Chromium:
    """One browser with one page. `close` ends it and removes its profile."""

    def __init__(self, width, height=900, scripts=True):
        self.profile = tempfile.mkdtemp(prefix="consultd-chromium-")
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        # The pipe's ends are 3 and 4 in the browser, whatever they are here.
        self.process = subprocess.Popen(
            ["sh", "-c", f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}', program(), "--headless", "--no-sandbox",
             "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
             "--disable-background-networking", "--remote-debugging-pipe", f"--user-data-dir={self.profile}",
             f"--window-size={width},{height}", "about:blank"],
            pass_fds=(to_browser, from_browser), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(to_browser)
        os.close(from_browser)
        self._last, self._buffer = 0, b""
        target = next(one for one in self._call("Target.getTargets")["targetInfos"] if one["type"] == "page")
        self._session = None
        self._session = self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        self._call("Page.enable")
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                   mobile=width < 500)
        if not scripts:
            self._call("Emulation.setScriptExecutionDisabled", value=True)

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        os.close(self._write)
        os.close(self._read)
        shutil.rmtree(self.profile, ignore_errors=True)

    def _message(self, seconds):
        end = time.monotonic() + seconds
        while b"\0" not in self._buffer:
            if not select.select([self._read], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"the browser says nothing for {seconds} s")
            piece = os.read(self._read, 1 << 20)
            if not piece:
                raise AssertionError("the browser has ended")
            self._buffer += piece
        text, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(text)

    def _call(self, method, **parameters):
        self._last += 1
        call = {"id": self._last, "method": method, "params": parameters}
        if getattr(self, "_session", None):
            call["sessionId"] = self._session
        os.write(self._write, json.dumps(call).encode() + b"\0")
        while True:
            message = self._message(60)
            if message.get("id") != self._last:
                continue
            if "error" in message:
                raise AssertionError(f"{method}: {message['error']}")
            return message["result"]

    def look(self, expression):
        """The value of an expression in the page; works where the page itself may run no script."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, expression, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if value := self.look(expression):
                    return value
            except AssertionError:
                pass  # a page is being left
            time.sleep(0.1)
        raise AssertionError(f"not in {seconds} s: {expression} at {self.look('location.href')}: "
                             f"{self.look('document.body.innerText')}")

    def go(self, url):
        self._call("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete'")

    def history(self):
        """The addresses that the back button leads to, and the one that is shown."""
        found = self._call("Page.getNavigationHistory")
        return [entry["url"] for entry in found["entries"][:found["currentIndex"] + 1]]

    def cookies(self, url):
        return self._call("Network.getCookies", urls=[url])["cookies"]

    def prefer_dark(self):
        self._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])

    def print_media(self, on_paper):
        self._call("Emulation.setEmulatedMedia", media="print" if on_paper else "screen")
        self._call("Emulation.setScrollbarsHidden", hidden=on_paper)

    def back(self):
        self.wait_for("document.readyState === 'complete'")
        history = self._call("Page.getNavigationHistory")
        self._call("Page.navigateToHistoryEntry", entryId=history["entries"][history["currentIndex"] - 1]["id"])
        time.sleep(0.3)
        self.wait_for("document.readyState === 'complete'")

    def key(self, key, code, text=""):
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                       **({"text": text} if text and kind == "keyDown" else {}))

    def tab(self):
        self.key("Tab", 9)

    def space(self):
        self.key(" ", 32, " ")

    def enter(self):
        self.key("Enter", 13, "\r")

    def write(self, text):
        self._call("Input.insertText", text=text)

    def shot(self, file):
        size = self._call("Page.getLayoutMetrics")["cssContentSize"]
        picture = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                             clip={"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1})
        with open(file, "wb") as out:
            out.write(base64.b64decode(picture["data"]))
