"""The patient's journey in a real browser: wide and on a telephone, by the keyboard alone and without scripts; each
page before axe-core, in both languages. Skipped, and said so, where no Chromium is installed, or no axe-core (axe.py).
CONSULTD_SHOTS names a folder for pictures."""

import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

import axe  # noqa: E402
import place  # noqa: E402
import portal_test  # noqa: E402
from chromium import Chromium, program  # noqa: E402

SHOTS = os.environ.get("CONSULTD_SHOTS", "")


class Browsing(portal_test.Portal):
    def browse(self, width, ehr=(), **how):
        self.open_portal(*ehr)
        self.width, self.shots = width, 0
        self.browser = Chromium(width, **how)
        self.addCleanup(self.browser.close)

    def at(self, path, seconds=90):
        self.browser.wait_for(f"location.pathname.startsWith('{path}') && document.readyState === 'complete'", seconds)
        self.check_page()

    def check_page(self):
        """What holds on each page of ours, whatever it is about."""
        look = self.browser.look
        if SHOTS:
            self.shots += 1
            os.makedirs(SHOTS, exist_ok=True)
            name = look("location.pathname").strip("/").replace("/", "-")[:30]
            self.browser.shot(os.path.join(SHOTS, f"{self.width}-{self.shots:02d}-{name}.png"))
        if not look("location.pathname").startswith("/portal"):
            return
        where = look("location.pathname")
        self.assertLessEqual(look("document.documentElement.scrollWidth"), self.width, where + " is too wide")
        self.assertEqual(look("document.querySelectorAll('h1').length"), 1, where)
        self.assertTrue(look("document.documentElement.lang"), where)
        foreign = """[...document.querySelectorAll('script,link,img,iframe')].map(
            one => new URL(one.src || one.href).pathname).filter(
            one => !['/portal/portal.js', '/portal/style.css'].includes(one)).length"""
        self.assertEqual(look(foreign), 0, where)
        unnamed = """[...document.querySelectorAll('input:not([type=hidden]),textarea')].filter(
            one => !one.labels || one.labels.length === 0).length"""
        self.assertEqual(look(unnamed), 0, where + " has a field without a label")
        small = """[...document.querySelectorAll('.btn,.opt,.back,.top a,summary')].filter(
            one => one.getClientRects().length &&
                   one.getBoundingClientRect().height < 43.5).map(one => one.textContent)"""
        self.assertEqual(look(small), [], where + " has targets too small for a finger")
        twice = """(ids => ids.length - new Set(ids).size)([...document.querySelectorAll('[id]')].map(one => one.id))"""
        self.assertEqual(look(twice), 0, where)


@unittest.skipUnless(program(), "no Chromium is installed here: apt-get install chromium")
class PortalBrowserTest(Browsing):
    # By the keyboard alone.
    def focus(self, condition, tabs_max=80):
        for _ in range(tabs_max):
            self.browser.tab()
            if self.browser.look(f"(one => one && one !== document.body && ({condition}))(document.activeElement)"):
                ring = self.browser.look("getComputedStyle(document.activeElement).outlineStyle")
                self.assertNotEqual(ring, "none", "the focus is not to be seen")
                return
        raise AssertionError(f"no key leads to {condition}: {self.browser.look('document.body.innerText')}")

    def press(self, text):
        self.focus(f"['A','BUTTON'].includes(one.tagName) && one.textContent.trim() === '{text}'")
        self.browser.enter()

    def tick(self, name, value=None):
        self.focus(f"one.name === '{name}'" + (f" && one.value === '{value}'" if value else ""))
        self.browser.space()

    def journey(self):
        self.browser.go(self.origin + "/portal")
        self.at("/portal")
        self.press("Start now")
        self.at("/portal/where")
        self.tick("source")
        self.press("Continue")
        self.at("/portal/to")
        self.tick("destination")
        self.press("Continue")
        self.at("/portal/question")
        self.focus("one.name === 'question'")
        self.browser.write(portal_test.QUESTION)
        self.press("Continue")
        self.at("/portal/check")
        self.tick("agreed")
        self.press("Confirm and go to hospital sign-in")
        self.at("/portal/hand-off")
        self.press("Go to the sign-in")
        self.at("/authorize")
        self.browser.look(f"document.querySelector('[value={portal_test.PATIENT}]').checked = true")
        self.browser.look("document.querySelector('button').click()")
        self.at("/authorize/sign-in")
        self.browser.look("document.querySelector('button[value=yes]').click()")
        self.at("/portal/choose")
        for group in self.browser.look("[...document.querySelectorAll('[name=group]')].map(one => one.value)"):
            self.tick("group", group)
        self.press("Show me what goes")
        self.at("/portal/preview")
        self.press("Send now")
        self.at("/portal/receipt")
        self.assertIn("Your records have been sent", self.browser.look("document.body.innerText"))
        self.press("My sharing")
        self.at("/portal/sharing")
        self.press("Stop sharing")
        self.at("/portal/stop")

    def test_wide(self):
        self.browse(1280)
        self.journey()

    def test_on_a_telephone_without_scripts(self):
        self.browse(360, scripts=False)
        self.journey()

    def test_the_back_button_after_sending_sends_nothing(self):
        self.browse(360)
        self.journey()
        for _ in range(6):
            self.browser.back()
        [transfer] = self.transfers()
        self.assert_one_copy(self.receiver, transfer["transfer"])

    # Chromium keeps pages whole, whatever they say; a page of before must not be what is read.
    def test_a_page_out_of_the_browsers_memory_is_asked_for_again(self):
        self.browse(360)
        self.browser.go(self.origin + "/portal/where")
        self.at("/portal/where")
        self.browser.look("window.kept = true")
        self.browser.look("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
        self.browser.wait_for("window.kept === undefined && document.readyState === 'complete'")
        self.at("/portal/where")
        self.assertFalse(self.browser.look("document.documentElement.hidden"))

    def test_before_a_visit_ends_it_is_said_and_one_may_stay(self):
        self.browse(360)
        self.browser.go(self.origin + "/portal/where")
        self.at("/portal/where")
        self.assertTrue(self.browser.look("document.querySelector('.ends').hidden"))
        self.browser.look("""(window.asked = [], window.left = '100', window.fetch = async path => {
            asked.push(path);
            return new Response(path === '/portal/left' ? left : '');
        }, document.dispatchEvent(new Event('visibilitychange')))""")
        self.browser.wait_for("!document.querySelector('.ends').hidden")
        self.check_page()
        self.browser.look("(left = '900', document.querySelector('.stay').click())")
        self.browser.wait_for("document.querySelector('.ends').hidden")
        self.assertEqual(self.browser.look("asked"), ["/portal/left", "/portal/stay", "/portal/left"])
        # Over: nothing of it stays to be read.
        self.browser.look("(left = '0', document.dispatchEvent(new Event('visibilitychange')))")
        self.browser.wait_for("location.pathname === '/portal/over' && document.readyState === 'complete'")
        self.at("/portal/over")

    def test_what_is_new_is_said_in_the_same_element_and_the_focus_stays(self):
        self.browse(360)
        self.browser.go(self.origin + "/portal/where")
        self.at("/portal/where")
        self.browser.look("""(page => {
            window.told_of = text => page.replace('TEXT', text);
            document.querySelector('main').outerHTML = told_of('one');
            document.querySelector('main a').focus();
            window.live = document.querySelector('[aria-live]');
            window.fetch = async () => new Response(told_of('two'));
            lookAgain();
        })(`<main data-at="/portal" data-looks-again><h1>Sent</h1><div role="status" aria-live="polite">TEXT</div>
            <p><a href="/portal">again</a></p></main>`)""")
        self.browser.wait_for("document.querySelector('[aria-live]').textContent === 'two'")
        self.assertTrue(self.browser.look("live === document.querySelector('[aria-live]')"))
        self.assertEqual(self.browser.look("document.activeElement.textContent"), "again")

    # "Is someone pressing you?"
    def test_the_quick_exit_leaves_no_entry_and_no_session(self):
        self.browse(360)
        self.browser.go(self.origin + "/portal/where")
        self.at("/portal/where")
        [session] = self.cookies()
        self.browser.look("location.replace('/portal')")
        self.at("/portal")
        self.browser.look("document.querySelector('summary').click()")
        self.browser.look("document.querySelector('details .btn').click()")
        self.browser.wait_for("!location.href.includes('/portal')")
        self.assertEqual([url for url in self.browser.history() if "/portal" in url], [])
        self.assertEqual(self.cookies(), [])
        answer = self.open_with(session)
        self.assertIn("Where are your records?", answer.heading)
        self.assertNotEqual(answer.headers["Set-Cookie"], None, "the session was not ended")

    def cookies(self):
        return [one["value"] for one in self.browser.cookies(self.origin)]

    def open_with(self, session):
        plain = portal_test.PatientBrowser()
        plain.jars[self.origin] = {"__Host-consultd": session}
        return plain.get(self.origin + "/portal/where")


class Checked(Browsing):
    """What axe-core can find, and more, holds on each page."""

    def check_page(self):
        super().check_page()
        where = self.browser.look("location.pathname")
        if not where.startswith("/portal"):
            return
        self.seen.add("/".join(where.split("/")[:3]))
        self.assertEqual(axe.violations(self.browser), [], f"{where}: {self.browser.look('document.body.innerText')}")

    def send(self, action, **answers):
        """As the page's form would be sent, whatever its fields demand first."""
        self.browser.look(f"""(answers => {{
            const form = document.querySelector('form[action^="{action}"]');
            for (const one of form.elements)
                if (one.type === 'radio' || one.type === 'checkbox')
                    one.checked = answers[one.name] === one.value || answers[one.name] === '*';
                else if (one.name in answers) one.value = answers[one.name];
            window.left = true;
            form.submit();
        }})({json.dumps(answers)})""")
        self.browser.wait_for("window.left === undefined && document.readyState === 'complete'")

    def go(self, path, at=""):
        self.browser.go(self.origin + path)
        self.at(at or path.split("?")[0])


@axe.HAS_AXE
class PortalAxeTest(Checked):
    def before_sign_in(self, language):
        self.go("/portal?lang=" + language)
        self.go("/portal/progress")
        self.go("/portal/where?lang=" + language)
        for action, wrong, right, then in (
                ("/portal/where", {}, {"source": "general"}, "/portal/to"),
                ("/portal/to", {}, {"destination": "center"}, "/portal/question"),
                ("/portal/question", {"question": "a" * 1001}, {"question": portal_test.QUESTION}, "/portal/check"),
                ("/portal/check", {}, {"agreed": "yes"}, "/portal/hand-off")):
            self.send(action, **wrong)
            self.at(action)
            self.send(action, **right)
            self.at(then)
        self.assertEqual(self.browser.look("document.documentElement.lang"), language)

    def sign_in(self, allow="yes", who=portal_test.PATIENT):
        self.browser.look("document.querySelector('main .btn').click()")
        self.at("/authorize")
        self.browser.look(f"document.querySelector('[value=\"{who}\"]').checked = true")
        self.browser.look("document.querySelector('button').click()")
        self.at("/authorize/sign-in")
        self.browser.look(f"document.querySelector('button[value={allow}]').click()")

    def all_pages(self, language):
        self.before_sign_in(language)
        self.sign_in(allow="no")
        self.at("/portal/callback")
        self.go("/portal/check")
        self.send("/portal/check", agreed="yes")
        self.at("/portal/hand-off")
        self.ehr.fault("slow", 3)
        self.sign_in()
        self.at("/portal/progress")
        self.at("/portal/choose")
        self.send("/portal/choose")
        self.at("/portal/choose")
        self.send("/portal/choose", group="*")
        self.at("/portal/preview")
        self.go("/portal/sharing")
        self.go("/portal/preview")
        self.send("/portal/send")
        self.at("/portal/receipt")
        self.go("/portal/nowhere", "/portal")
        [task] = json.loads(place.ask(self.receiver.fhir_base + "/Task")[2])["entry"]
        self.receiver.door("answer/" + task["resource"]["id"], {"text": "I would wait."})
        self.browser.go(self.origin + "/portal/sharing")
        self.browser.wait_for("!!document.querySelector('a[href*=opinion]') || location.reload()")
        self.go("/portal/sharing")
        for link in ("history", "opinion", "letter"):
            if link == "opinion":
                self.go("/portal/sharing")
            self.browser.look(f"document.querySelector('a[href*=\"/portal/{link}/\"]').click()")
            self.at("/portal/" + link)
        self.go("/portal/sharing")
        self.browser.look("document.querySelector('.card a[href*=stop]').click()")
        self.at("/portal/stop")
        self.send("/portal/stop/")
        self.at("/portal/stop")
        self.browser.go(self.origin + "/portal/sharing")
        self.browser.wait_for("!!document.querySelector('a[href*=\"/portal/delete/\"]') || location.reload()")
        self.at("/portal/sharing")
        self.browser.look("document.querySelector('a[href*=\"/portal/delete/\"]').click()")
        self.at("/portal/delete")
        self.send("/portal/delete/")
        self.at("/portal/delete")
        self.go("/portal/sharing")
        self.send("/portal/leave")
        self.at("/portal/leave")

    def for_a_child(self, width, language, words):
        self.seen = set()
        self.browse(width, ehr=("--data", os.path.join(place.PATIENTS, "proxies.json")))
        self.before_sign_in(language)
        self.sign_in(who="RelatedPerson/kid-1-father")
        self.at("/portal/choose")
        self.send("/portal/choose", group="*")
        self.at("/portal/preview")
        self.send("/portal/send")
        self.at("/portal/receipt")
        for link in ("history", "stop"):
            self.go("/portal/sharing")
            self.browser.look(f"document.querySelector('a[href*=\"/portal/{link}/\"]').click()")
            self.at("/portal/" + link)
            self.assertEqual(self.browser.look("document.querySelector('.acting').textContent"), words)

    def test_for_a_child_on_a_telephone_in_spanish(self):
        self.for_a_child(360, "es", "Usted actúa por Inigo Halberd-Test.")

    def test_for_a_child_wide_in_english(self):
        self.for_a_child(1280, "en", "You act for Inigo Halberd-Test.")

    def walk(self, width, language, dark=False):
        self.seen = set()
        self.browse(width)
        if dark:
            self.browser.prefer_dark()
        self.all_pages(language)
        self.assertGreaterEqual(len(self.seen), 18, self.seen)

    def test_wide_in_english(self):
        self.walk(1280, "en")

    def test_on_a_telephone_in_spanish_in_the_dark(self):
        self.walk(360, "es", dark=True)


if __name__ == "__main__":
    place.main()
