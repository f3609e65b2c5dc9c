"""A page in Firefox, driven by WebDriver BiDi: playwright drives its own build of Firefox alone."""

import itertools
import json
import re
import shutil
import subprocess
import time
from pathlib import Path

PROGRAMS = (
    "firefox-esr",
    "firefox",
    "/Applications/Firefox.app/Contents/MacOS/firefox",
    "C:/Program Files/Mozilla Firefox/firefox.exe",
)
# Nothing but the page: no first pages, no updates, no lists of bad sites, no reports.
SETTINGS = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.connection.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.server": "",
}
EVENTS = ["log.entryAdded", "network.beforeRequestSent", "network.responseCompleted", "network.fetchError"]
ANSWER_SECONDS = 60
LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


def program():
    """Return the path of a Firefox, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Firefox:
    """A Firefox with one page: ``with Firefox(program, folder) as firefox``. The folder holds its profile."""

    def __init__(self, program, folder):
        self.program, self.folder = program, Path(folder)
        self.numbers, self.events = itertools.count(1), []

    def __enter__(self):
        from websocket import create_connection

        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in SETTINGS.items()]
        self.folder.joinpath("user.js").write_text("\n".join(lines), "utf-8")
        command = [self.program, "--headless", "--no-remote", "--profile", self.folder, "--remote-debugging-port", "0"]
        self.log = self.folder / "said.txt"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            # Firefox answers to no page of the network, which would say where it comes from.
            self.socket = create_connection(self.address() + "/session", timeout=ANSWER_SECONDS, suppress_origin=True)
            self.send("session.new", capabilities={})
            self.send("session.subscribe", events=EVENTS)
            [tab] = self.send("browsingContext.getTree")["contexts"]
        except BaseException:
            self.end()
            raise
        self.tab = tab["context"]
        return self

    def address(self):
        """Return where Firefox listens, once it does."""
        until = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            if found := LISTENS.search(self.log.read_text(errors="replace")):
                return found[1]
            time.sleep(0.1)
        raise RuntimeError(f"Firefox does not listen. It said: {self.log.read_text(errors='replace')[-1000:]}")

    def __exit__(self, *error):
        try:
            self.send("browser.close")
            self.socket.close()
            self.process.wait(ANSWER_SECONDS)
        finally:
            self.end()

    def end(self):
        """End the program, if it has not ended by itself."""
        self.process.kill()
        self.process.wait()

    def send(self, method, **parameters):
        """Send a command, wait for its answer, and keep the events that come before it."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == number:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['error']}: {message['message']}")
                return message["result"]
            self.events.append(message)

    def open(self, address):
        """Open an address, and wait until the page has loaded."""
        self.send("browsingContext.navigate", context=self.tab, url=address, wait="complete")

    def evaluate(self, expression):
        """Return what a JavaScript expression gives, which JSON can say, after waiting if it is a promise."""
        expression = f"Promise.resolve({expression}).then((value) => JSON.stringify(value ?? null))"
        target = {"context": self.tab}
        answer = self.send("script.evaluate", expression=expression, target=target, awaitPromise=True)
        if answer["type"] == "exception":
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']['text']}")
        return json.loads(answer["result"]["value"])

    def wait_for(self, expression, seconds):
        """Wait until an expression is true."""
        until = time.monotonic() + seconds
        while not self.evaluate(expression):
            if time.monotonic() > until:
                raise TimeoutError(f"{expression} is not true after {seconds} s: {self.faults()}")
            time.sleep(0.1)

    def press(self, key):
        """Press and release a key of the keyboard."""
        actions = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self.send("input.performActions", context=self.tab, actions=[{"type": "key", "id": "keys", "actions": actions}])

    def faults(self):
        """Return the errors that the console shows, and the requests that were not answered, or with an error."""
        said = [event["params"] for event in self.events]
        errors = [entry["text"] for entry in said if entry.get("level") == "error"]
        # Firefox says so of a formula of which it has read half when it first paints the page.
        errors = [text for text in errors if not text.startswith("Invalid markup: Incorrect number of children")]
        failed = [(entry["request"]["url"], entry["errorText"]) for entry in said if "errorText" in entry]
        status = [(entry["request"]["url"], entry["response"]["status"]) for entry in said if "response" in entry]
        return errors + failed + [(url, number) for url, number in status if number >= 400]

    def addresses(self):
        """Return the addresses that the page has asked for."""
        return [event["params"]["request"]["url"] for event in self.events if "request" in event["params"]]
