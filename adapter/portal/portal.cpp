#include "adapter/portal/portal.h"

#include <algorithm>

#include "adapter/acts.h"
#include "adapter/portal/style.h"
#include "adapter/web/refusals.h"

namespace consultd::portal {
namespace {

using web::ServerRequest;
using web::ServerResponse;

// Bound to this host alone and never readable by a script:
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis (§4.1.3.2). Lax, because the
// hospital sends the browser back to us.
constexpr std::string_view cookie_name = "__Host-consultd";
constexpr std::string_view cookie_terms = "; Path=/; Secure; HttpOnly; SameSite=Lax";

// Which language somebody reads: nothing of a session, and gone with the browser.
constexpr std::string_view language_cookie = "__Host-consultd-language";

std::string cookie_in(const ServerRequest& request, std::string_view named) {
    const std::string wanted = std::string(named) + "=";
    std::string found;
    for (const auto& [name, value] : request.headers) {
        if (name.size() != 6 || (name != "Cookie" && name != "cookie")) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(';'), rest.size());
            std::string_view one = rest.substr(0, end);
            while (one.starts_with(' ')) one.remove_prefix(1);
            if (one.starts_with(wanted)) found = one.substr(wanted.size());
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return found;
}

void set_cookie(ServerResponse& response, std::string_view name, std::string_view value) {
    response.headers.emplace_back("Set-Cookie", std::string(name) + "=" + std::string(value) +
                                                    std::string(cookie_terms) +
                                                    (value.empty() ? "; Max-Age=0" : ""));
}

// The language that the link asks for.
std::optional<Language> asked_language(const ServerRequest& request) {
    if (request.query.starts_with("lang=")) return language_of(request.query.substr(5));
    return std::nullopt;
}
// The one that was asked for before, or that the browser would rather have.
Language language_before(const ServerRequest& request) {
    if (const auto chosen = language_of(cookie_in(request, language_cookie))) return *chosen;
    const std::string_view header = request.header("Accept-Language").value_or("");
    return header.starts_with("es") ? Language::Spanish : Language::English;
}

// What a page asks for by itself.
bool is_by_itself(std::string_view path) {
    return path == "/portal/look" || path == "/portal/left";
}

ServerResponse style(const web::RoutedRequest&) {
    return web::answer(200, std::string(style_sheet), "text/css; charset=utf-8");
}
ServerResponse script(const web::RoutedRequest&) {
    return web::answer(200, std::string(script_text), "text/javascript; charset=utf-8");
}

}  // namespace

std::string_view Visit::field(std::string_view name) const {
    for (const auto& [known, value] : form)
        if (known == name) return value;
    return {};
}

Portal::Portal(PortalParts parts)
    : parts_(std::move(parts)),
      public_url_(fhir::Url::parse(parts_.config.listen.public_url).value()),
      hospitals_(parts_.config) {}

std::span<const Portal::Row> Portal::table() {
    using enum Needs;
    static constexpr Row rows[] = {
        {"GET", "/portal", Nothing, &Portal::start},
        {"GET", exit_path.view(), Nothing, &Portal::exit},
        {"GET", "/portal/see", Session, &Portal::see},
        {"GET", "/portal/where", Session, &Portal::where},
        {"POST", "/portal/where", Session, &Portal::where},
        {"POST", "/portal/find", Session, &Portal::find},
        {"GET", "/portal/to", Session, &Portal::to},
        {"POST", "/portal/to", Session, &Portal::to},
        {"GET", "/portal/question", Session, &Portal::question},
        {"POST", "/portal/question", Session, &Portal::question},
        {"GET", "/portal/check", Session, &Portal::check},
        {"POST", "/portal/check", Session, &Portal::check},
        {"GET", "/portal/hand-off", Session, &Portal::hand_off},
        {"GET", "/portal/callback", Session, &Portal::callback},
        {"POST", "/portal/again", SignIn, &Portal::go_on_again},
        {"GET", "/portal/progress", SignIn, &Portal::progress},
        {"GET", "/portal/look", SignIn, &Portal::progress},
        {"GET", "/portal/left", Nothing, &Portal::left},
        {"GET", "/portal/stay", Nothing, &Portal::stay},
        {"GET", "/portal/over", Nothing, &Portal::over},
        {"GET", "/portal/choose", SignIn, &Portal::choose},
        {"POST", "/portal/choose", SignIn, &Portal::choose},
        {"GET", "/portal/preview", SignIn, &Portal::preview},
        {"GET", "/portal/packet", SignIn, &Portal::packet},
        {"POST", "/portal/send", SignIn, &Portal::send},
        {"GET", "/portal/sharing", SignIn, &Portal::sharing},
        {"POST", "/portal/resume/{id}", SignIn, &Portal::resume},
        {"GET", "/portal/receipt/{id}", SignIn, &Portal::receipt},
        {"GET", "/portal/receipt-file/{id}", SignIn, &Portal::receipt_file},
        {"GET", "/portal/verifier", Nothing, &Portal::verifier},
        {"GET", "/portal/stop/{id}", SignIn, &Portal::stop},
        {"POST", "/portal/stop/{id}", SignIn, &Portal::stop},
        {"GET", "/portal/delete/{id}", SignIn, &Portal::delete_kept},
        {"POST", "/portal/delete/{id}", SignIn, &Portal::delete_kept},
        {"GET", "/portal/history/{id}", SignIn, &Portal::history},
        {"GET", "/portal/opinion/{id}", SignIn, &Portal::opinion},
        {"POST", "/portal/opinion-file/{id}", SignIn, &Portal::opinion_file},
        {"GET", "/portal/letter/{id}", SignIn, &Portal::letter},
        {"POST", "/portal/leave", Session, &Portal::leave},
        {"GET", "/portal/{id}", Nothing, &Portal::nothing_here},
        {"GET", "/portal/{id}/{id}", Nothing, &Portal::nothing_here},
    };
    return rows;
}

std::vector<web::Route> Portal::routes() {
    std::vector<web::Route> routes{{"GET", "/portal/style.css", web::WhoMay::Patient, style},
                                   {"GET", "/portal/portal.js", web::WhoMay::Patient, script}};
    for (const Row& row : table())
        routes.push_back(
            {row.method, row.path, web::WhoMay::Patient,
             [this, &row](const web::RoutedRequest& asked) { return answer(row, asked); }});
    return routes;
}

Reader Portal::reader_of(const ServerRequest& request, const Session& session) const {
    return {.language = session.language,
            .csrf = session.csrf,
            .is_signed_in = session.who.has_value(),
            .acts_for = session.who && session.who->acts_for
                            ? std::optional(session.who->acts_for->proxy.patient_name)
                            : std::nullopt,
            // A form that came back is asked for again by GET.
            .path = request.path,
            .run_by = parts_.config.portal.run_by,
            .help = parts_.config.portal.help};
}

// A form of ours, sent from a page of ours: both the browser and the form say so.
bool Portal::is_ours(const ServerRequest& request) const {
    const auto origin = request.header("Origin");
    const auto type = request.header("Content-Type");
    if (!origin || !type || !type->starts_with("application/x-www-form-urlencoded")) return false;
    const auto url = fhir::Url::parse(*origin);
    return url && url->same_origin(public_url_);
}

ServerResponse Portal::too_many(const ServerRequest& request, Language language,
                                const char* again_after) const {
    const Session nobody{.language = language};
    const Reader reader = reader_of(request, nobody);
    Page page{.title = std::string(say(language, Word::TooManyTitle))};
    paragraph(page.body, reader, Word::TooManyText);
    page.status = 503;
    ServerResponse later = send_page(reader, std::move(page));
    later.headers.emplace_back("Retry-After", again_after);
    return later;
}

ServerResponse Portal::answer(const Row& row, const web::RoutedRequest& asked) {
    const auto wanted = asked_language(asked.http);
    ServerResponse response = answer_as(row, asked, wanted ? *wanted : language_before(asked.http));
    if (row.path == exit_path.view())
        set_cookie(response, language_cookie, "");
    else if (wanted)
        set_cookie(response, language_cookie, code_of(*wanted));
    return response;
}

ServerResponse Portal::answer_as(const Row& row, const web::RoutedRequest& asked,
                                 Language language) {
    const std::string cookie = cookie_in(asked.http, cookie_name);
    std::shared_ptr<Sessions::Kept> kept = parts_.sessions.find(
        cookie, is_by_itself(row.path) ? Sessions::By::Itself : Sessions::By::Person);
    std::string begun;
    const bool begins = row.needs == Needs::Session && row.method == "GET" &&
                        row.path != "/portal/callback" && row.path != "/portal/hand-off";
    if (kept == nullptr && begins) {
        auto named = parts_.sessions.begin(asked.http.peer_address, language);
        if (!named) return too_many(asked.http, language, "60");
        kept = named->kept;
        begun = named->name;
    }
    Session nobody{.language = language};
    std::unique_lock<std::mutex> lock;
    if (kept != nullptr) lock = std::unique_lock(kept->mutex, std::try_to_lock);
    if (kept != nullptr && !lock.owns_lock()) {
        const bool may_wait = ++kept->waiting <= Sessions::Kept::waiting_max;
        if (may_wait) lock.lock();
        --kept->waiting;
        if (!may_wait) return too_many(asked.http, language, "5");
    }
    Session& session = kept != nullptr ? kept->session : nobody;
    if (const auto wanted = asked_language(asked.http)) session.language = *wanted;
    ServerResponse response = answer_in(row, {.http = asked.http,
                                              .id = asked.id,
                                              .session = session,
                                              .form = {},
                                              .cookie = begun.empty() ? cookie : begun,
                                              .reader = reader_of(asked.http, session)});
    if (!begun.empty()) set_cookie(response, cookie_name, begun);
    return response;
}

ServerResponse Portal::left(Visit& visit) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(parts_.sessions.left(visit.cookie));
    return web::answer(200, std::to_string(seconds.count()), "text/plain; charset=utf-8");
}

ServerResponse Portal::stay(Visit&) { return web::answer(204, "", "text/plain; charset=utf-8"); }

ServerResponse Portal::over(Visit& visit) {
    Reader reader = visit.reader;
    reader.path = "/portal/over";
    Page page{.title = std::string(say(reader.language, Word::OverTitle))};
    paragraph(page.body, reader, Word::OverText);
    page.body.markup("<div class=\"row\">");
    link_button(page.body, reader, Word::SeeMine, "/portal/see");
    link_button(page.body, reader, Word::StartAgain, "/portal", "btn two");
    page.body.markup("</div>\n");
    page.status = 403;
    return send_page(reader, std::move(page));
}

ServerResponse Portal::answer_in(const Row& row, Visit visit) {
    const bool is_over = (row.needs == Needs::Session && visit.session.csrf.empty()) ||
                         (row.needs == Needs::SignIn && !visit.session.who);
    if (is_over) return over(visit);
    if (row.needs == Needs::SignIn && visit.session.who->acts_for &&
        !may_still_act(*visit.session.who->acts_for, visit.session.who->source))
        return acts_no_more(visit);
    if (visit.is_post()) {
        const auto form = web::read_query(visit.http.body);
        if (form) visit.form = *form;
        if (!form || !is_ours(visit.http) ||
            !Secret(visit.session.csrf).equals(visit.field("csrf")))
            return web::refusal(visit.http.path, 403, "forbidden",
                                "the form did not come from a page of ours");
    }
    const std::string name = visit.cookie;
    ServerResponse response = (this->*row.answer)(visit);
    if (visit.cookie != name) set_cookie(response, cookie_name, visit.cookie);
    return response;
}

ServerResponse Portal::nothing_here(Visit& visit) {
    Page page{.title = std::string(say(visit.reader.language, Word::NotFoundTitle))};
    paragraph(page.body, visit.reader, Word::NotFoundText);
    link_button(page.body, visit.reader, Word::StartAgain, "/portal");
    page.status = 404;
    return send_page(visit.reader, std::move(page));
}

std::optional<Transfer> Portal::transfer_of(const Visit& visit, std::string_view id) {
    if (id.empty() || !visit.session.who) return std::nullopt;
    auto found = parts_.store.find(std::string(id));
    if (!found || !*found || (*found)->patient_pseudonym != visit.session.who->pseudonym)
        return std::nullopt;
    return std::move(*found);
}

std::string Portal::hospital(std::string_view source) const {
    const auto found = parts_.config.source(source);
    return found ? found->name : std::string();
}

std::string Portal::clinic(std::string_view destination) const {
    const auto found = parts_.config.destinations.find(std::string(destination));
    return found == parts_.config.destinations.end() ? std::string() : found->second.name;
}

Milliseconds Portal::followed_for(const Transfer& transfer) const {
    const auto found = parts_.config.destinations.find(transfer.destination);
    return found == parts_.config.destinations.end() ? Milliseconds(0) : found->second.follow.span;
}

AskedEntry Portal::entry_by(const Visit& visit, audit::Act::What what, const Transfer& transfer,
                            const PatientAct* decided) {
    audit::Act act = act_by(actor_of(visit), what, transfer, parts_.config, parts_.clock.now());
    if (visit.session.who->acts_for) {
        act.details.emplace_back("on-behalf-of", "patient");
        const std::string code = relationship_code(visit.session.who->acts_for->proxy);
        if (!code.empty()) act.details.emplace_back("relationship", code);
    }
    if (decided != nullptr) {
        act.details.emplace_back("words-sha256", decided->words);
        act.details.emplace_back("language", decided->language);
        if (!decided->packet.empty()) act.details.emplace_back("packet-sha256", decided->packet);
    }
    return entry_of(act, parts_.random);
}

PatientAct Portal::decided_now(const Visit& visit) const {
    const auto& acts_for = visit.session.who->acts_for;
    return {.at = parts_.clock.now(),
            .language = std::string(code_of(visit.reader.language)),
            .words = visit.session.shown,
            .packet = {},
            .by = acts_for ? acts_for->proxy.user : std::string()};
}

// The page may be quicker than the worker, which gives the transfer back after it has saved it.
Status Portal::put_down(const Transfer& next, const std::vector<SealedPart>& parts,
                        const AskedEntry& act) {
    constexpr int tries_max = 30;
    constexpr Milliseconds wait = std::chrono::milliseconds(100);
    for (int tries = 1;; ++tries) {
        const Status changed = parts_.store.change(TransferState::Held, next, parts, act);
        if (changed || tries == tries_max) return changed;
        const ErrorKind kind = changed.error().kind();
        if (kind != ErrorKind::Conflict && kind != ErrorKind::Busy) return changed;
        const auto stored = parts_.store.find(next.id);
        if (!stored || !*stored || (*stored)->state != TransferState::Held) return changed;
        parts_.clock.wait_until(parts_.clock.monotonic_now() + wait, {});
    }
}

fhir::Call Portal::call() const {
    return {.deadline = Deadline::after(parts_.clock, std::chrono::seconds(20)), .stop = {}};
}

std::int64_t Portal::keep_days() const {
    return std::chrono::ceil<std::chrono::days>(parts_.config.state.keep_records).count();
}

}  // namespace consultd::portal
