// The pages before the sign-in: what this is, who gets the records, the question, and all of it
// once more on one page.
#include <algorithm>

#include "adapter/portal/portal.h"
#include "adapter/web/refusals.h"
#include "fhir/base/utf8.h"

namespace consultd::portal {
namespace {

using web::ServerResponse;

constexpr std::size_t question_letters_max = 1000;

Page page_of(const Visit& visit, Word title, StaticText back = "") {
    return {.title = std::string(say(visit.reader.language, title)), .body = {}, .back = back};
}

void write_option(HtmlWriter& out, StaticText field, std::string_view value, bool is_chosen,
                  std::string_view name, std::string_view hint) {
    out.markup("<label class=\"opt\"><input type=\"radio\" name=\"")
        .text(field.view())
        .markup("\" value=\"")
        .text(value)
        .markup(is_chosen ? StaticText("\" required checked>") : StaticText("\" required>"))
        .markup("<span><b>")
        .own(name)
        .markup("</b><span class=\"hint\">")
        .own(hint)
        .markup("</span></span></label>\n");
}

void write_row(HtmlWriter& out, const Reader& reader, Word term, std::string_view text,
               StaticText change = "", StaticText kind = "") {
    put(out.markup("<div><dt>"), reader, term)
        .markup("</dt><dd class=\"")
        .text(kind.view())
        .markup("\">")
        .own(text)
        .markup("</dd><dd class=\"ch\">");
    if (!change.view().empty()) {
        put(out.markup("<a href=\"").text(change.view()).markup("\">"), reader, Word::Change);
        put(out.markup("<span class=\"vh\">: "), reader, term).markup("</span></a>");
    }
    out.markup("</dd></div>\n");
}

std::size_t letters_in(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// As browsers send a text area; other control characters are in no text of a person.
std::string plain_text(std::string_view given) {
    std::string text;
    for (const char c : given)
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n') text += c;
    return text;
}

// The digest of what was read before it was answered, whatever the form's own secret is.
std::string digest_of(const HtmlWriter& body) {
    return crypto::hex(crypto::sha256(HtmlWriter(body).take()));
}

}  // namespace

ServerResponse Portal::start(Visit& visit) {
    const Reader& reader = visit.reader;
    visit.session.draft.aim = Aim::Share;
    Page page = page_of(visit, Word::StartTitle);
    HtmlWriter& out = page.body;
    paragraph(out, reader, Word::StartWhat);
    out.markup("<ul class=\"b\">");
    for (const Word word : {Word::StartChoose, Word::StartSee, Word::StartReceipt})
        put(out.markup("<li>"), reader, word).markup("</li>");
    paragraph(out.markup("</ul>\n"), reader, Word::StartQuiet);
    put(out.markup("<h2>"), reader, Word::StartNeed).markup("</h2><ul class=\"b\">");
    for (const Word word : {Word::StartNeedSignIn, Word::StartNeedTime})
        put(out.markup("<li>"), reader, word).markup("</li>");
    out.markup("</ul>\n<div class=\"row\">");
    link_button(out, reader, Word::StartNow, "/portal/where");
    link_button(out, reader, Word::SeeMine, "/portal/see", "btn two");
    // In place: a page of its own would stand in the browser's history.
    put(out.markup("</div><details><summary>"), reader, Word::StartPressed).markup("</summary>\n");
    paragraph(out, reader, Word::PressedText);
    if (visit.session.who) paragraph(out, reader, Word::PressedKept);
    paragraph(out, reader, Word::PressedHistory);
    link_button(out, reader, Word::PressedExit, exit_path);
    out.markup("</details>\n");
    return send_page(reader, std::move(page));
}

// The way out: the session ends, and what follows is a page that anybody may have open. Nobody
// else's page can send a patient out.
ServerResponse Portal::exit(Visit& visit) {
    if (visit.http.header("Sec-Fetch-Site").value_or("same-origin") == "same-origin") {
        parts_.sessions.end(visit.cookie);
        visit.cookie.clear();
    }
    ServerResponse response = web::answer(303, "", "text/plain; charset=utf-8");
    response.headers.emplace_back("Location", "https://www.wikipedia.org/");
    response.headers.emplace_back("Clear-Site-Data", "\"cache\"");
    return response;
}

ServerResponse Portal::see(Visit& visit) {
    if (visit.session.who) return go_to("/portal/sharing");
    visit.session.draft.aim = Aim::See;
    return go_to("/portal/where");
}

ServerResponse Portal::to(Visit& visit) {
    Session& session = visit.session;
    if (session.draft.source.empty()) return go_to("/portal/where");
    Page page = page_of(visit, Word::ToTitle, "/portal/where");
    if (visit.is_post()) {
        const std::string chosen(visit.field("destination"));
        if (parts_.config.destinations.contains(chosen)) {
            session.draft.destination = chosen;
            return go_to("/portal/question");
        }
        complaint(page.body, visit.reader, Word::PickOne);
    }
    paragraph(page.body, visit.reader, Word::ToHint);
    begin_form(page.body, visit.reader, "/portal/to");
    put(page.body.markup("<fieldset><legend class=\"vh\">"), visit.reader, Word::ToTitle)
        .markup("</legend>\n");
    for (const auto& [key, destination] : parts_.config.destinations)
        write_option(page.body, "destination", key, key == session.draft.destination,
                     destination.name, destination.fhir_base_url.host());
    button(page.body.markup("</fieldset>\n"), visit.reader, Word::Continue).markup("</form>\n");
    return send_page(visit.reader, std::move(page));
}

ServerResponse Portal::question(Visit& visit) {
    Session& session = visit.session;
    if (session.draft.destination.empty()) return go_to("/portal/to");
    Page page = page_of(visit, Word::QuestionTitle, "/portal/to");
    std::string text = session.draft.question;
    if (visit.is_post()) {
        text = plain_text(visit.field("question"));
        if (letters_in(text) <= question_letters_max && check_words(text, "")) {
            session.draft.question = text;
            return go_to("/portal/check");
        }
        if (!is_utf8(text)) text.clear();
        complaint(page.body, visit.reader, Word::QuestionTooLong);
    }
    paragraph(page.body, visit.reader, Word::QuestionHint);
    begin_form(page.body, visit.reader, "/portal/question");
    put(page.body.markup("<label for=\"question\"><b>"), visit.reader, Word::QuestionLabel);
    put(page.body.markup("</b><span class=\"hint\">"), visit.reader, Word::QuestionExample)
        .markup(
            "</span></label>\n<textarea id=\"question\" name=\"question\" maxlength=\"1000\" "
            "autocomplete=\"off\">\n")
        .text(text)
        .markup("</textarea>\n");
    button(page.body, visit.reader, Word::Continue).markup("</form>\n");
    return send_page(visit.reader, std::move(page));
}

ServerResponse Portal::check(Visit& visit) {
    Session& session = visit.session;
    const Reader& reader = visit.reader;
    if (session.draft.destination.empty()) return go_to("/portal/to");
    HtmlWriter terms;
    terms.markup("<dl class=\"sum\">");
    write_row(terms, reader, Word::WhoShares, hospital(session.draft.source), "/portal/where");
    write_row(terms, reader, Word::WhoGets, clinic(session.draft.destination), "/portal/to");
    write_row(terms, reader, Word::Why, say(reader.language, Word::WhySecondOpinion));
    write_row(terms, reader, Word::YourQuestion,
              session.draft.question.empty() ? say(reader.language, Word::NoQuestion)
                                             : std::string_view(session.draft.question),
              "/portal/question", "q");
    write_row(terms, reader, Word::What, say(reader.language, Word::WhatChosenLater));
    const std::string last_day = date_words(
        reader.language, format_instant(parts_.clock.now() + consent_span).substr(0, 10));
    write_row(terms, reader, Word::UntilWhen,
              say(reader.language, Word::UntilOnce, {{"date", last_day}}));
    write_row(terms, reader, Word::HowToStop, say(reader.language, Word::HowToStopText));
    put(terms.markup("</dl>\n<h2>"), reader, Word::ShouldKnow).markup("</h2><ul class=\"b\">");
    for (const Word word : {Word::NothingBefore, Word::NoPullBack, Word::OwnRules})
        put(terms.markup("<li>"), reader, word).markup("</li>");
    put(terms.markup("<li>"), reader, Word::MayRead, {{"days", std::to_string(keep_days())}})
        .markup("</li></ul>\n");

    Page page = page_of(visit, Word::CheckTitle, "/portal/question");
    const std::string digest = digest_of(terms);
    if (visit.is_post()) {
        // Changed meanwhile in another tab: nobody has agreed to that.
        const bool is_shown = visit.field("terms") == digest;
        if (is_shown && visit.field("agreed") == "yes") {
            session.draft.agreed = digest;
            session.draft.aim = Aim::Share;
            return begin_sign_in(visit);
        }
        complaint(page.body, reader, is_shown ? Word::ConfirmMissing : Word::CheckChanged);
    }
    begin_form(page.body.append(terms), reader, "/portal/check")
        .markup("<input type=\"hidden\" name=\"terms\" value=\"")
        .text(digest)
        .markup("\">");
    put(page.body.markup("<label class=\"opt\"><input type=\"checkbox\" name=\"agreed\" "
                         "value=\"yes\" required><span><b>"),
        reader, Word::ConfirmLabel)
        .markup("</b></span></label>\n");
    button(page.body, reader, Word::ConfirmGo).markup("</form>\n");
    return send_page(reader, std::move(page));
}

}  // namespace consultd::portal
