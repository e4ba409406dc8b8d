"""A browser as plain as can be: it keeps cookies by origin, follows links and redirects one by one, and sends the
forms of a page. No script runs in it, because no page of ours has one."""

import html.parser
import http.client
import re
import ssl
import urllib.parse


class Forms(html.parser.HTMLParser):
    """The forms, links and texts of a page."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.links, self.refresh, self.heading = [], {}, False, ""
        self._form = self._link = self._text = self._in_heading = self._button = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self._form = {"action": given.get("action"), "method": given.get("method"), "fields": [], "options": [],
                          "buttons": [], "text": ""}
            self.forms.append(self._form)
        elif tag == "a" and "href" in given:
            self._link, self._text = given["href"], ""
        elif tag == "h1":
            self._in_heading = True
        elif tag == "meta" and given.get("http-equiv") == "refresh":
            self.refresh = True
        elif self._form is not None and tag == "input" and given.get("type") in ("radio", "checkbox"):
            self._form["options"].append((given["name"], given["value"], "checked" in given))
        elif self._form is not None and tag in ("input", "textarea"):
            self._form["fields"].append((given["name"], given.get("value", "")))
        elif self._form is not None and tag == "button":
            self._form["buttons"].append((given.get("name"), given.get("value")))
            self._button = self._form

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "a" and self._link:
            self.links.setdefault(self._text.strip(), self._link)
            self._link = None
        elif tag == "h1":
            self._in_heading = None
        elif tag == "button":
            self._button = None

    def handle_data(self, data):
        if self._link:
            self._text += data
        if self._in_heading:
            self.heading += data
        if self._button is not None:
            self._button["text"] += data.strip()


class Page:
    def __init__(self, url, status, headers, body):
        self.url, self.status, self.headers, self.body = url, status, headers, body
        self.path = urllib.parse.urlsplit(url).path
        self.parsed = Forms(body)
        self.forms = self.parsed.forms
        self.heading = self.parsed.heading
        self.text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))

    def form(self, action):
        return next(form for form in self.forms if (form["action"] or "").startswith(action))

    def options(self, name):
        return [value for form in self.forms for known, value, _ in form["options"] if known == name]


class PatientBrowser:
    def __init__(self, trust=None):
        self.trust = trust
        self.jars = {}
        self.visited = []

    def copy(self):
        """Another tab: the same cookies."""
        tab = PatientBrowser(self.trust)
        tab.jars = self.jars
        return tab

    def request(self, method, url, body=None, headers=None):
        """One exchange, no redirect followed."""
        parts = urllib.parse.urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        jar = self.jars.setdefault(origin, {})
        connection = (http.client.HTTPSConnection(parts.netloc, timeout=60, context=self.trust or
                                                  ssl.create_default_context())
                      if parts.scheme == "https" else http.client.HTTPConnection(parts.netloc, timeout=60))
        sent = dict(headers or {})
        if jar:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        if body is not None:
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
            sent.setdefault("Origin", origin)
        connection.request(method, (parts.path or "/") + ("?" + parts.query if parts.query else ""), body, sent)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                pair = value.split(";")[0].partition("=")
                jar.pop(pair[0], None)
                if pair[2]:
                    jar[pair[0]] = pair[2]
        connection.close()
        self.visited.append((method, url, answer.status))
        return Page(url, answer.status, answer.headers, text)

    def follow(self, page):
        for _ in range(10):
            if page.status not in (302, 303):
                return page
            page = self.request("GET", urllib.parse.urljoin(page.url, page.headers["Location"]))
        raise AssertionError(f"redirects without end: {self.visited[-10:]}")

    def get(self, url):
        return self.follow(self.request("GET", url))

    def click(self, page, link):
        """A link by its words, or the one button of a form."""
        for form in page.forms:
            if form["text"] == link:
                return self.follow(self.request("POST", urllib.parse.urljoin(page.url, form["action"]),
                                                self.encoded(form, {})))
        if link not in page.parsed.links:
            raise AssertionError(f"no link {link!r} on {page.url}, {page.status}: {page.text}")
        return self.get(urllib.parse.urljoin(page.url, page.parsed.links[link]))

    def encoded(self, form, answers, button=None):
        """What a browser would send; `answers`: name → value or values that are ticked or written."""
        fields = [(name, answers.get(name, value) if not isinstance(answers.get(name), (list, set)) else value)
                  for name, value in form["fields"]]
        for name, value, checked in form["options"]:
            wanted = answers.get(name)
            ticked = checked if wanted is None else value in ([wanted] if isinstance(wanted, str) else wanted)
            if ticked:
                fields.append((name, value))
        if button:
            fields.append(button)
        return urllib.parse.urlencode(fields)

    def send(self, page, action, answers=None, button=None, follow=True):
        form = page.form(action)
        sent = self.request("POST", urllib.parse.urljoin(page.url, form["action"]),
                            self.encoded(form, answers or {}, button))
        return self.follow(sent) if follow else sent
