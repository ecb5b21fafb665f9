#!/usr/bin/env python3
"""Looks at a page the way a telephone would: narrow.py URL WIDTH HEIGHT SCHEME PICTURE CHROMIUM

A window of Chromium is at least 500 pixels wide, even without a screen, so the width is set over its debugging
pipe (NUL-separated JSON on file descriptors 3 and 4). Prints {"scroll_width":…,"ready":…,"filters":…,"small_targets":[…]};
the filters are what is chosen of days, sources and currencies, each with what else is offered.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile
import time

PROBE = """JSON.stringify({
  scroll_width: document.documentElement.scrollWidth,
  ready: !document.body.classList.contains('loading') && document.getElementById('chart').dataset.ready !== undefined,
  filters: [[...document.querySelectorAll('#filters input:checked')].map((days) => days.value).join(),
    ...['source', 'currency'].map((id) => document.getElementById(id))
      .map((select) => select.value + ' of ' + [...select.options].map((option) => option.value).join())],
  small_targets: [...document.querySelectorAll('button, select, a[href], input')]
    .map((element) => [element, (element.closest('label') ?? element).getBoundingClientRect()])
    .filter(([element, box]) => box.width > 0 && !element.classList.contains('skip')
      && !(element.tagName === 'A') && (box.width < 24 || box.height < 24))
    .map(([element]) => element.outerHTML.slice(0, 80)),
})"""


class Browser:
    def __init__(self, chromium, profile):
        to_child, self.writer = os.pipe()
        self.reader, from_child = os.pipe()

        def place():
            # The copies keep dup2 from closing an end that the other one needs.
            first, second = os.dup(to_child), os.dup(from_child)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en-US",
             "--remote-debugging-pipe", f"--user-data-dir={profile}", "--no-first-run", "about:blank"],
            pass_fds=(3, 4), close_fds=False, preexec_fn=place, stderr=subprocess.DEVNULL)
        os.close(to_child)
        os.close(from_child)
        self.buffer, self.count, self.session = b"", 0, None

    def call(self, method, **parameters):
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.buffer:
                chunk = os.read(self.reader, 1 << 20)
                if not chunk:
                    raise SystemExit("The browser is gone.")
                self.buffer += chunk
            raw, self.buffer = self.buffer.split(b"\0", 1)
            answer = json.loads(raw)
            if answer.get("id") == self.count:
                return answer["result"]


def main():
    url, width, height, scheme, picture, chromium = sys.argv[1:]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(chromium, profile)
        try:
            target = browser.call("Target.createTarget", url="about:blank")["targetId"]
            browser.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            browser.call("Emulation.setDeviceMetricsOverride", width=int(width), height=int(height),
                         deviceScaleFactor=2, mobile=True)
            browser.call("Emulation.setEmulatedMedia",
                         features=[{"name": "prefers-color-scheme", "value": scheme}])
            browser.call("Page.navigate", url=url)
            deadline = time.monotonic() + 30
            while True:
                value = browser.call("Runtime.evaluate", expression=PROBE)["result"].get("value")
                if (value and json.loads(value)["ready"]) or time.monotonic() > deadline:
                    break
                time.sleep(0.05)
            image = browser.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
            with open(picture, "wb") as file:
                file.write(base64.b64decode(image))
            print(value)
        finally:
            browser.process.kill()
            browser.process.wait()


main()
