"""What a patient types or ticks: what was refused is not kept, and what a page offers is taken."""

import place
from portal_test import Portal


class PortalSessionTest(Portal):
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


if __name__ == "__main__":
    place.main()
