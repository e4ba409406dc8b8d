// The page that finds the hospital: by name and town among all that patients may sign in at; each
// with the host of its sign-in and when that last answered.
#include <algorithm>

#include "adapter/portal/portal.h"
#include "adapter/portal/reached.h"
#include "fhir/user_access_brands.h"

namespace consultd::portal {
namespace {

using web::ServerResponse;

constexpr std::size_t shown_max = 20;
constexpr std::size_t asked_letters_max = 100;
// More of the configuration itself are found by name as well.
constexpr std::size_t listed_at_once_max = 8;
constexpr Milliseconds reached_again_after = std::chrono::hours(1);

void write_search(HtmlWriter& out, const Reader& reader, std::string_view looked_for) {
    begin_form(out, reader, "/portal/find");
    put(out.markup("<label for=\"find\"><b>"), reader, Word::WhereFind)
        .markup(
            "</b></label>\n<input class=\"find\" id=\"find\" name=\"find\" type=\"search\" "
            "maxlength=\"100\" autocomplete=\"off\" spellcheck=\"false\" value=\"")
        .text(looked_for)
        .markup("\">\n");
    button(out, reader, Word::WhereFindGo, "btn two").markup("</form>\n");
}

void write_how_many(HtmlWriter& out, const Reader& reader, std::size_t count) {
    if (count == 0) {
        complaint(out, reader, Word::WhereNone);
        paragraph(out, reader, Word::WhereCopy);
        return;
    }
    out.markup("<h2>");
    if (count > shown_max)
        put(out, reader, Word::WhereBest, {{"n", std::to_string(shown_max)}});
    else
        out.text(say(reader.language, Counted::Places, count));
    out.markup("</h2>\n");
}

// One line of what is known of it; nothing where nothing is.
void write_hint(HtmlWriter& out, const Reader& reader, Word word, std::string_view place,
                std::string_view value) {
    if (!value.empty())
        put(out.markup("<span class=\"hint\">"), reader, word, {{place, value}}).markup("</span>");
}

}  // namespace

void Portal::remember_reached(const std::string& source, const fhir::Url& sign_in) {
    const Reached now{parts_.clock.now(), sign_in.host()};
    const std::optional<Reached> before = reached(parts_.store, source);
    if (before && before->host == now.host && before->at + reached_again_after > now.at) return;
    // Where it cannot be kept, a page says less.
    (void)keep_reached(parts_.store, source, now).ok();
}

void Portal::write_hospitals(HtmlWriter& out, const Reader& reader,
                             const std::vector<Hospital>& found, std::string_view chosen) {
    bool is_chosen_marked = false;
    for (const Hospital& one : found) {
        const bool is_chosen = one.source == chosen && !is_chosen_marked;
        is_chosen_marked = is_chosen_marked || is_chosen;
        out.markup("<label class=\"opt\"><input type=\"radio\" name=\"source\" value=\"")
            .text(one.source)
            .markup(is_chosen ? StaticText("\" required checked>") : StaticText("\" required>"))
            .markup("<span><b>")
            .own(one.name)
            .markup("</b>");
        if (!one.towns.empty())
            out.markup("<span class=\"hint\">").own(one.towns).markup("</span>");
        const std::string at = hospital(one.source);
        write_hint(out, reader, Word::WhereSignIn, "hospital", at == one.name ? "" : at);
        write_hint(out, reader, Word::WherePortal, "name", one.portal);
        const std::optional<Reached> before = reached(parts_.store, one.source);
        if (before) {
            write_hint(out, reader, Word::WhereSignInHost, "host", before->host);
            write_hint(out, reader, Word::WhereReached, "date",
                       date_words(reader.language, format_date_time(before->at)));
        } else {
            write_hint(out, reader, Word::WhereHost, "host", one.host);
            put(out.markup("<span class=\"hint\">"), reader, Word::WhereNotTried).markup("</span>");
        }
        out.markup("</span></label>\n");
    }
}

ServerResponse Portal::find(Visit& visit) {
    visit.session.looked_for = fhir::one_line_of(visit.field("find"), asked_letters_max);
    return go_to("/portal/where");
}

ServerResponse Portal::where(Visit& visit) {
    Session& session = visit.session;
    const Reader& reader = visit.reader;
    Page page{.title = std::string(say(reader.language, Word::WhereTitle)),
              .body = {},
              .back = "/portal"};
    HtmlWriter& out = page.body;
    if (visit.is_post()) {
        const auto chosen = parts_.config.source(visit.field("source"));
        if (chosen && chosen->auth.type == config::Auth::Type::SmartPatient) {
            session.draft.source = chosen->key;
            return session.draft.aim == Aim::See ? begin_sign_in(visit) : go_to("/portal/to");
        }
        complaint(out, reader, Word::PickOne);
    }
    paragraph(out, reader, Word::WhereHint);
    std::vector<Hospital> found = hospitals_.configured(listed_at_once_max + 1);
    const bool may_search = hospitals_.has_directories() || found.size() > listed_at_once_max;
    const bool is_answer = may_search && !session.looked_for.empty();
    if (may_search) write_search(out, reader, session.looked_for);
    if (is_answer) found = hospitals_.find(session.looked_for, shown_max + 1);
    if (is_answer) write_how_many(out, reader, found.size());
    found.resize(std::min(found.size(), is_answer ? shown_max : listed_at_once_max));
    if (found.empty()) return send_page(reader, std::move(page));
    begin_form(out, reader, "/portal/where");
    put(out.markup("<fieldset><legend class=\"vh\">"), reader, Word::WhereTitle)
        .markup("</legend>\n");
    write_hospitals(out, reader, found, session.draft.source);
    button(out.markup("</fieldset>\n"), reader, Word::Continue).markup("</form>\n");
    return send_page(reader, std::move(page));
}

}  // namespace consultd::portal
