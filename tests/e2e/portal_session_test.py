"""What a visit is and what ends it: the language that somebody reads, what a page asks for by itself, what is said when
it is over, and that what a page offers is taken."""

import place
from portal_test import Portal


class PortalSessionTest(Portal):
    def test_the_language_is_kept_from_the_first_page_to_after_the_last(self):
        browser = self.open_portal()
        self.assertIn("Empezar ahora", browser.get(self.origin + "/portal?lang=es").text)
        page = browser.click(browser.get(self.origin + "/portal"), "Empezar ahora")
        self.assertIn("¿Dónde están sus registros?", page.heading)
        page = browser.send(page, "/portal/where", {"source": "general"})
        browser.jars[self.origin].pop("__Host-consultd")
        self.assertIn("Su sesión se cerró", browser.get(self.origin + "/portal/progress").heading)
        # The quick exit leaves nothing of it either.
        browser.request("GET", self.origin + "/portal/exit")
        self.assertEqual(browser.jars[self.origin], {})

    def test_a_visit_that_is_over_says_what_is_known_and_leads_to_where_it_can_be_seen(self):
        browser = self.open_portal()
        page = browser.get(self.origin + "/portal/over")
        for said in ("Nothing was sent", "is kept"):
            self.assertNotIn(said, page.text)
        self.assertIn("If you had not signed in yet, your answers are gone.", page.text)
        self.assertEqual(browser.click(page, "See what you share now").path, "/portal/where")

    def test_a_page_can_ask_how_long_a_visit_lasts_and_a_click_prolongs_it(self):
        browser = self.open_portal()
        self.assertEqual(browser.get(self.origin + "/portal/left").body, "0")
        page = browser.get(self.origin + "/portal/where")
        self.assertIn("We will sign you out in 2 minutes", page.text)
        self.assertIn(" hidden><p>We will sign you out", page.body)
        self.assertIn("We sign you out after 15 minutes without a click.", page.text)
        self.assertGreater(int(browser.get(self.origin + "/portal/left").body), 14 * 60)
        self.assertEqual(browser.get(self.origin + "/portal/stay").status, 204)

    def test_progress_is_said_politely_and_looks_again_without_a_click(self):
        browser = self.open_portal()
        self.ehr.fault("slow", 3)
        page = self.sign_in(browser, self.to_hand_off(browser))
        self.assertEqual(page.path, "/portal/progress")
        self.assertIn('<div role="status" aria-live="polite">', page.body)
        self.assertIn('content="3;url=/portal/look"', page.body)
        self.wait_for(browser, "/portal/choose")
        self.assertEqual(browser.get(self.origin + "/portal/look").path, "/portal/choose")

    # ---- what is typed

    def test_a_question_that_was_refused_is_not_kept(self):
        browser = self.open_portal()
        self.to_hand_off(browser, "Is it the first?")
        for wrong in ("b" * 5000, b"%ff%fe"):
            page = browser.get(self.origin + "/portal/question")
            form = page.form("/portal/question")
            if isinstance(wrong, bytes):
                body = browser.encoded(form, {"question": "x"}).replace("question=x", "question=" + wrong.decode())
                page = browser.request("POST", self.origin + "/portal/question", body)
            else:
                page = browser.send(page, "/portal/question", {"question": wrong})
            self.assertIn("Your question is too long", page.text)
            self.assertIn("Is it the first?", browser.get(self.origin + "/portal/check").text)

    def test_what_a_page_offers_is_taken(self):
        browser = self.open_portal()
        page = self.to_choice(browser)
        many = "".join(f"&without=DocumentReference%2F{one:064d}" for one in range(1400))
        form = browser.encoded(page.form("/portal/choose"), {"group": ["tests"]}) + many
        self.assertEqual(browser.request("POST", self.origin + "/portal/choose", form).status, 303)

    def test_an_address_that_is_none_is_answered_by_a_page_of_ours(self):
        browser = self.open_portal()
        for path in ("/portal/nowhere", "/portal/packet/7"):
            page = browser.get(self.origin + path)
            self.assertEqual((page.status, page.heading), (404, "There is nothing here"))


if __name__ == "__main__":
    place.main()
