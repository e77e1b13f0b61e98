"""A sign-in against `asteroid dev`, with the standard library of Python alone (3.9 and later).

    python3 -m unittest -v test_signin.py

ASTEROID is the command that starts the program (`asteroid` when unset). With CONTROL_FILE nothing is
started: it is the --control-file of an `asteroid dev` that runs already.

The standard library of Python cannot verify ES256: what stands in the ID Token is checked here, its
signature is not. An application takes a library for that, e.g. PyJWT or Authlib, and the keys at jwks_uri.
"""

import base64
import hashlib
import http.cookiejar
import json
import os
import secrets
import shlex
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

REDIRECT_URI = "https://app.example/callback"
CLIENT_ID = "web"
CLIENT_SECRET = "what-only-the-client-knows-0123456789"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Every step of a sign-in is looked at."""

    def redirect_request(self, *_):
        return None


class Browser:
    """Keeps cookies, and follows nothing by itself."""

    def __init__(self):
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(NoRedirect, cookies)

    def ask(self, url, form=None, headers=None):
        """Status, headers and text, whatever they are."""
        data = None if form is None else urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(url, data=data, headers=headers or {})
        try:
            with self._opener.open(request, timeout=10) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.headers, answer.read().decode()


class Control:
    """The control API: one method for all of it."""

    def __init__(self, file):
        with open(file, encoding="utf-8") as text:
            access = json.load(text)
        self._url, self._token = access["url"], access["token"]

    def __call__(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self._token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                raise AssertionError(f"{method} {path}: {answer.read().decode()}") from None
        return json.loads(text) if text else None


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims_of(token):
    """What a JWT says; whether it is true is for its signature to tell."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def start_asteroid(case):
    """Returns the control file of an issuer that ends with the case."""
    running = os.environ.get("CONTROL_FILE")
    if running:
        return running
    folder = tempfile.TemporaryDirectory()
    case.addClassCleanup(folder.cleanup)
    file = os.path.join(folder.name, "control.json")
    command = shlex.split(os.environ.get("ASTEROID", "asteroid"))
    ports = ["--port", "0", "--admin-port", "0", "--control-file", file]
    process = subprocess.Popen(command + ["dev", *ports], stdout=subprocess.DEVNULL)
    case.addClassCleanup(process.wait)
    case.addClassCleanup(process.terminate)
    deadline = time.monotonic() + 60
    while not os.path.exists(file):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("asteroid dev did not start")
        time.sleep(0.05)
    return file


class SignIn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.control = Control(start_asteroid(cls))

    def setUp(self):
        # Of this test alone: its clock, keys and faults are nobody else's.
        opened = self.control("POST", "/issuers", {"clients": [], "users": []})
        self.here = f"/issuers/{opened['id']}"
        self.addCleanup(self.control, "DELETE", self.here)
        self.control(
            "PUT",
            f"{self.here}/clients/{CLIENT_ID}",
            {"client_secret": CLIENT_SECRET, "redirect_uris": [REDIRECT_URI]},
        )
        self.control("PUT", f"{self.here}/users/ada", {"name": "Ada", "email": "ada@app.example"})
        self.control("PUT", f"{self.here}/sign-in", {"user": "ada"})
        self.browser = Browser()
        well_known = opened["issuer"].rstrip("/") + "/.well-known/openid-configuration"
        status, _, text = self.browser.ask(well_known)
        self.assertEqual(status, 200)
        self.metadata = json.loads(text)
        self.assertEqual(self.metadata["issuer"], opened["issuer"])

    def sign_in(self):
        """As the application and the browser would; returns the token response and the nonce."""
        verifier, state, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        query = {
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "scope": "openid email",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64url(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        url = f"{self.metadata['authorization_endpoint']}?{urllib.parse.urlencode(query)}"
        for _ in range(5):
            status, headers, text = self.browser.ask(url)
            self.assertIn(status, (302, 303), text)
            url = urllib.parse.urljoin(url, headers["Location"])
            if url.startswith(REDIRECT_URI):
                break
        answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        self.assertEqual(answer["state"], state)
        self.assertEqual(answer["iss"], self.metadata["issuer"])
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        status, _, text = self.browser.ask(
            self.metadata["token_endpoint"],
            form={
                "grant_type": "authorization_code",
                "code": answer["code"],
                "redirect_uri": REDIRECT_URI,
                "code_verifier": verifier,
            },
            headers={"Authorization": f"Basic {basic}"},
        )
        self.assertEqual(status, 200, text)
        return json.loads(text), nonce

    def userinfo(self, access_token):
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.browser.ask(self.metadata["userinfo_endpoint"], headers=headers)

    def test_the_id_token_says_who_signed_in(self):
        tokens, nonce = self.sign_in()
        claims = claims_of(tokens["id_token"])
        self.assertEqual(claims["iss"], self.metadata["issuer"])
        self.assertEqual(claims["aud"], CLIENT_ID)
        self.assertEqual(claims["sub"], "ada")
        self.assertEqual(claims["nonce"], nonce)
        now = self.control("GET", f"{self.here}/clock")["now"]
        self.assertLessEqual(claims["iat"], now)
        self.assertGreater(claims["exp"], now)
        # What no issuer but one for tests puts into a token.
        self.assertIs(claims["asteroid_dev"], True)

    def test_a_token_is_refused_when_its_time_is_over(self):
        tokens, _ = self.sign_in()
        status, _, text = self.userinfo(tokens["access_token"])
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(text)["email"], "ada@app.example")
        self.control("POST", f"{self.here}/clock/advance", {"by": "2h"})
        status, headers, _ = self.userinfo(tokens["access_token"])
        self.assertEqual(status, 401)
        self.assertIn('error="invalid_token"', headers["WWW-Authenticate"])

    def test_an_id_token_for_another_nonce_can_be_told(self):
        self.control("POST", f"{self.here}/faults", {"do": "id_token.nonce.wrong", "times": 1})
        tokens, nonce = self.sign_in()
        self.assertNotEqual(claims_of(tokens["id_token"])["nonce"], nonce)
        # It happened as often as it was to, and everything is well again.
        self.assertEqual(self.control("GET", f"{self.here}/faults"), {"faults": []})
        tokens, nonce = self.sign_in()
        self.assertEqual(claims_of(tokens["id_token"])["nonce"], nonce)

    def test_what_was_asked_is_on_record(self):
        self.sign_in()
        flows = self.control("GET", f"{self.here}/flows")["flows"]
        self.assertEqual([flow["step"] for flow in flows], ["discovery", "authorize", "token"])
        self.assertEqual([flow.get("user") for flow in flows], [None, "ada", "ada"])


if __name__ == "__main__":
    unittest.main()
