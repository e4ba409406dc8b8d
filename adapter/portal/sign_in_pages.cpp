// The pages around the hospital's sign-in: out to it, back from it, and what follows.
#include "adapter/acts.h"
#include "adapter/portal/portal.h"

namespace consultd::portal {
namespace {

using web::ServerResponse;

ServerResponse told(const Visit& visit, Word title, Word text, StaticText again,
                    Places places = {}) {
    // What came with the address is told once.
    Reader reader = visit.reader;
    reader.path = "/portal";
    Page page{.title = say(reader.language, title, places)};
    paragraph(page.body, reader, text, places);
    page.body.markup("<div class=\"row\">");
    link_button(page.body, reader, Word::TryAgain, again);
    link_button(page.body, reader, Word::StartAgain, "/portal", "btn two");
    page.body.markup("</div>\n");
    return send_page(reader, std::move(page));
}

// Where somebody who wants to try again begins.
StaticText before_sign_in(const Draft& draft) {
    if (draft.aim == Aim::GoOn) return "/portal/progress";
    return draft.aim == Aim::See ? StaticText("/portal/where") : StaticText("/portal/check");
}

// Whose it is to mend: of the hospital, which may answer later; of those who run this, who are not
// known there as they should be; or of nobody, because it was no answer to what we asked.
enum class Trouble : std::uint8_t { Ill, Refused, NotOurs };
Trouble trouble_of(const Error& error) {
    using enum ErrorKind;
    const ErrorKind kind = error.kind();
    if (kind == Unavailable || kind == RateLimited || kind == Uncertain) return Trouble::Ill;
    const auto oauth = error.text("oauth");
    const bool is_refused = oauth && oauth->view() != "invalid_grant" && oauth->view() != "other";
    return is_refused || kind == Unsupported || kind == Config ? Trouble::Refused
                                                               : Trouble::NotOurs;
}

// The request as a form to the authorization server; nothing of our own session is in it.
// https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html#authorization-methods
void write_request(HtmlWriter& out, const Reader& reader, const fhir::SignIn& sign_in) {
    const fhir::Url& endpoint = *sign_in.server.authorization_endpoint;
    std::string_view query = sign_in.address.query();
    if (!endpoint.query().empty()) query.remove_prefix(endpoint.query().size() + 1);
    out.markup("<form method=\"post\" action=\"").text(endpoint.text()).markup("\">");
    const auto fields = web::read_query(query);
    for (const auto& [name, value] : fields ? *fields : web::Query())
        out.markup("<input type=\"hidden\" name=\"")
            .text(name)
            .markup("\" value=\"")
            .text(value)
            .markup("\">");
    button(out, reader, Word::HandOffGo).markup("</form>\n");
}

}  // namespace

ServerResponse Portal::begin_sign_in(Visit& visit) {
    Session& session = visit.session;
    Peer* const source = parts_.peers.source(session.draft.source);
    if (source == nullptr) return go_to("/portal/where");
    const auto door = doors_.enter(session.draft.source);
    if (!door) return sign_in_busy(visit, session.draft, false);
    const fhir::Call exchange = call();
    const std::string data = parts_.config.source(session.draft.source).value().auth.scope;
    const auto begun = [&]() -> Result<fhir::SignIn> {
        TRY_ASSIGN(const fhir::SmartStandalone sign_in, source->sign_in(exchange));
        return source->heard(sign_in.begin(parts_.config.listen.public_url + "/portal/callback",
                                           data, exchange.deadline, exchange.stop));
    }();
    if (!begun) {
        session.under_way.reset();
        if (trouble_of(begun.error()) == Trouble::Refused)
            return sign_in_failed(visit, session.draft, begun.error());
        Page page{.title = say(visit.reader.language, Word::SourceDownTitle,
                               {{"hospital", hospital(session.draft.source)}})};
        paragraph(page.body, visit.reader, Word::SourceDownText);
        link_button(page.body, visit.reader, Word::TryAgain, before_sign_in(session.draft));
        page.status = 503;
        return send_page(visit.reader, std::move(page));
    }
    session.under_way = SignInUnderWay{session.draft, *begun};
    remember_reached(session.draft.source, begun->address);
    return go_to("/portal/hand-off");
}

// A link, and not a redirect: the person sees where they are going before they go.
ServerResponse Portal::hand_off(Visit& visit) {
    const Session& session = visit.session;
    if (!session.under_way) return go_to(before_sign_in(session.draft));
    const auto& [draft, sign_in] = *session.under_way;
    const Reader& reader = visit.reader;
    const std::string name = hospital(draft.source);
    Page page{.title = say(reader.language, Word::HandOffTitle, {{"hospital", name}}),
              .body = {},
              .back = before_sign_in(draft)};
    paragraph(page.body, reader, Word::HandOffText, {{"hospital", name}});
    page.body.markup("<p><b class=\"mono\">").text(sign_in.address.host()).markup("</b></p>\n");
    paragraph(page.body, reader, Word::HandOffPassword);
    if (draft.aim == Aim::See) paragraph(page.body, reader, Word::HandOffSee);
    // A server that takes it by POST gets nothing of it in an address; some browsers do not follow
    // it from there to a third place, so there is the link too.
    const bool by_post = sign_in.server.can("authorize-post");
    if (by_post) {
        page.posts_to = sign_in.address.origin();
        write_request(page.body, reader, sign_in);
    }
    put(page.body.markup("<p><a class=\"")
            .text(by_post ? "back" : "btn")
            .markup("\" rel=\"noreferrer\" href=\"")
            .text(sign_in.address.text())
            .markup("\">"),
        reader, by_post ? Word::HandOffLink : Word::HandOffGo)
        .markup("</a></p>\n");
    return send_page(reader, std::move(page));
}

ServerResponse Portal::callback(Visit& visit) {
    Session& session = visit.session;
    // Come back to with the back button, or loaded again: what it brought was used.
    if (!session.under_way && session.who)
        return session.transfer.empty() ? go_to("/portal/sharing") : go_to("/portal/progress");
    const auto answer = web::read_query(visit.http.query);
    if (!answer || !session.under_way)
        return told(visit, Word::WrongAnswerTitle, Word::WrongAnswerText,
                    before_sign_in(session.draft));
    const StaticText again = before_sign_in(session.under_way->draft);
    const auto code = fhir::SmartStandalone::code_of(*answer, session.under_way->sign_in);
    // An answer that is not to this sign-in does not end it.
    if (!code && code.error().kind() == ErrorKind::Forbidden)
        return told(visit, Word::WrongAnswerTitle, Word::WrongAnswerText, again);
    const auto door = doors_.enter(session.under_way->draft.source);
    // It brought a code, which is good once and for a minute: this page comes again by itself.
    if (!door) return sign_in_busy(visit, session.under_way->draft, true);
    const SignInUnderWay begun = *std::move(session.under_way);
    session.under_way.reset();
    if (!code) return sign_in_failed(visit, begun.draft, code.error());
    Peer* const source = parts_.peers.source(begun.draft.source);
    const fhir::Call exchange = call();
    const auto tokens = [&]() -> Result<fhir::PatientTokens> {
        if (source == nullptr) return Error(ErrorKind::Config, "the source left the configuration");
        TRY_ASSIGN(const fhir::SmartStandalone client, source->sign_in(exchange));
        return source->heard(
            client.exchange(*code, begun.sign_in, exchange.deadline, exchange.stop));
    }();
    if (!tokens) return sign_in_failed(visit, begun.draft, tokens.error());
    return signed_in(visit, begun.draft, *tokens);
}

ServerResponse Portal::sign_in_busy(const Visit& visit, const Draft& draft, bool looks_again) {
    Reader reader = visit.reader;
    reader.path = "/portal";
    Page page{.title = say(reader.language, Word::SignInBusyTitle,
                           {{"hospital", hospital(draft.source)}}),
              .body = {},
              .back = "",
              .looks_again = looks_again};
    paragraph(page.body, reader, looks_again ? Word::SignInBusyWaits : Word::SignInBusyText);
    if (!looks_again) link_button(page.body, reader, Word::TryAgain, before_sign_in(draft));
    page.status = 503;
    ServerResponse response = send_page(reader, std::move(page));
    response.headers.emplace_back("Retry-After", "3");
    return response;
}

// What the hospital says of it, as far as that tells the person what to do, and those who run this.
ServerResponse Portal::sign_in_failed(Visit& visit, const Draft& draft, const Error& error) {
    const StaticText again = before_sign_in(draft);
    if (error.kind() == ErrorKind::Denied)
        return told(visit, Word::DeclinedTitle, Word::DeclinedText, again);
    const Peer* const source = parts_.peers.source(draft.source);
    if (source != nullptr) parts_.log.failure("sign-in-failed", error, {{"source", source->key()}});
    const std::string name = hospital(draft.source);
    // Who registers by ourselves does so anew.
    const auto configured = parts_.config.source(draft.source);
    const bool is_forgotten = error.text("oauth") && configured && configured->auth.registers;
    switch (is_forgotten ? Trouble::NotOurs : trouble_of(error)) {
        case Trouble::Ill:
            return told(visit, Word::SignInIllTitle, Word::SignInIllText, again,
                        {{"hospital", name}});
        case Trouble::Refused:
            return told(visit, Word::SignInRefusedTitle, Word::SignInRefusedText, again,
                        {{"hospital", name}});
        case Trouble::NotOurs:
            break;
    }
    return told(visit, Word::WrongAnswerTitle, Word::WrongAnswerText, again);
}

ServerResponse Portal::signed_in(Visit& visit, const Draft& draft,
                                 const fhir::PatientTokens& tokens) {
    Session& session = visit.session;
    const std::string pseudonym = patient_pseudonym(parts_.sealer, draft.source, tokens.patient);
    const bool is_another = session.who && session.who->pseudonym != pseudonym;
    visit.cookie = parts_.sessions.rename(visit.cookie);
    session.csrf = crypto::base64url(parts_.random.bytes(32));
    session.who = SignedIn{draft.source, tokens.patient, pseudonym, tokens.scope,
                           acts_for(draft.source, tokens)};
    if (is_another) session.transfer.clear();
    if (draft.aim == Aim::GoOn && is_another)
        return told(visit, Word::WrongPersonTitle, Word::WrongPersonText, "/portal/sharing");
    auto& acts_for = session.who->acts_for;
    if (draft.aim == Aim::GoOn) {
        if (acts_for) acts_for->transfer = session.transfer;
        if (!go_on(visit, tokens))
            return told(visit, Word::HeldTitle, Word::HeldText, "/portal/sharing");
        return go_to("/portal/progress");
    }
    if (draft.aim == Aim::See) {
        // Who it is is all that was asked; nothing is read.
        session.transfer.clear();
        const fhir::Call exchange = call();
        if (auto client = parts_.peers.source(draft.source)->sign_in(exchange))
            (void)client->revoke(tokens, exchange.deadline, exchange.stop).ok();
        return go_to("/portal/sharing");
    }
    const auto placed = place(visit, draft, tokens);
    if (!placed) return told(visit, Word::HeldTitle, Word::HeldText, "/portal/check");
    session.transfer = *placed;
    if (acts_for) acts_for->transfer = *placed;
    parts_.on_new_transfer();
    return go_to("/portal/progress");
}

Result<std::string> Portal::place(const Visit& visit, const Draft& draft,
                                  const fhir::PatientTokens& tokens) {
    const auto destination = parts_.config.destinations.find(draft.destination);
    if (destination == parts_.config.destinations.end() || draft.agreed.empty())
        return Error(ErrorKind::NotFound, "nobody was chosen who gets it, or nothing agreed to");
    Order order;
    order.source = draft.source;
    order.destination = draft.destination;
    order.patient_id = tokens.patient;
    order.consent =
        agreed_by(visit, consent_to_read(tokens.patient, destination->second, parts_.clock.now()));
    order.question = draft.question;
    order.purpose = "PATRQT";
    order.waits_for_patient = true;
    // Each sign-in for this is an order of its own.
    order.identifiers = {{"urn:consultd:portal", crypto::uuid_v4(parts_.random)}};
    TRY_ASSIGN(PlacedOrder placed, place_order(order, actor_of(visit), parts_.config, parts_.sealer,
                                               parts_.clock, parts_.random));
    placed.parts.push_back(
        seal_part(parts_.sealer, placed.transfer.id, Part::Access, fhir::text_of(tokens)));
    PatientAct agreed = decided_now(visit);
    agreed.words = draft.agreed;
    TRY_ASSIGN(
        const std::optional<Transfer> earlier,
        parts_.store.create(placed.transfer, placed.parts, earlier_of(placed, parts_.clock.now()),
                            entry_by(visit, audit::Act::What::Order, placed.transfer, &agreed)));
    return earlier ? earlier->id : placed.transfer.id;
}

// What stands because the sign-in was over goes on with the new one.
Status Portal::go_on(const Visit& visit, const fhir::PatientTokens& tokens) {
    const auto transfer = current(visit);
    if (!transfer) return Error(ErrorKind::NotFound, "no transfer is under way");
    if (transfer->state != TransferState::Held) return {};
    TRY_ASSIGN(const Transfer next, retried(*transfer, parts_.clock.now()));
    TRY(put_down(next, {seal_part(parts_.sealer, next.id, Part::Access, fhir::text_of(tokens))},
                 entry_by(visit, audit::Act::What::Retry, next)));
    parts_.on_new_transfer();
    return {};
}

ServerResponse Portal::go_on_again(Visit& visit) {
    const auto transfer = current(visit);
    if (!transfer) return nothing_here(visit);
    visit.session.draft.source = transfer->source;
    visit.session.draft.aim = Aim::GoOn;
    return begin_sign_in(visit);
}

ServerResponse Portal::leave(Visit& visit) {
    parts_.sessions.end(visit.cookie);
    visit.cookie.clear();
    visit.reader.csrf.clear();
    visit.reader.is_signed_in = false;
    visit.reader.path = "/portal";
    Page page{.title = std::string(say(visit.reader.language, Word::LeftTitle))};
    paragraph(page.body, visit.reader, Word::LeftText);
    link_button(page.body, visit.reader, Word::StartAgain, "/portal");
    return send_page(visit.reader, std::move(page));
}

}  // namespace consultd::portal
