// Somebody who acts for the patient: by whose word, for how long, and in whose name it is done.
#include "adapter/portal/portal.h"

namespace consultd::portal {
namespace {

using web::ServerResponse;

// How often the hospital is asked, and for how long its last word holds where it cannot be: when
// the sign-in has served, and was ended there by us.
constexpr Milliseconds asked_again_after = std::chrono::seconds(5);
constexpr Milliseconds word_holds = std::chrono::minutes(15);

bool is_no(ErrorKind kind) {
    return kind == ErrorKind::Unauthorized || kind == ErrorKind::Forbidden ||
           kind == ErrorKind::NotFound;
}

}  // namespace

std::optional<ActsFor> Portal::acts_for(const std::string& source,
                                        const fhir::PatientTokens& tokens) {
    Peer* const peer = parts_.peers.source(source);
    if (peer == nullptr) return std::nullopt;
    auto user = proxy_user(tokens.fhir_user, tokens.patient, peer->base());
    if (!user) return std::nullopt;
    // No id of a patient has a space in it.
    const std::string pseudonym =
        patient_pseudonym(parts_.sealer, source, "fhirUser " + *user).substr(0, 32);
    const MonotonicTime now = parts_.clock.monotonic_now();
    return ActsFor{.proxy = read_proxy(*std::move(user), tokens, *peer, call()),
                   .pseudonym = pseudonym,
                   .transfer = {},
                   .confirmed = now,
                   .asked = now};
}

// As it is kept now: whoever reads the record may have renewed it meanwhile.
std::optional<fhir::PatientTokens> Portal::kept_sign_in(const std::string& transfer_id) {
    if (transfer_id.empty()) return std::nullopt;
    const PartReader parts(parts_.store, parts_.sealer, transfer_id);
    const auto is_kept = parts.has(Part::Access);
    if (!is_kept || !*is_kept) return std::nullopt;
    auto text = parts.open(Part::Access);
    if (!text || text->empty()) return std::nullopt;
    auto tokens = fhir::patient_tokens(*std::move(text));
    if (!tokens || tokens->use_until <= parts_.clock.now()) return std::nullopt;
    return *std::move(tokens);
}

bool Portal::may_still_act(ActsFor& acts_for, const std::string& source) {
    const MonotonicTime now = parts_.clock.monotonic_now();
    if (now - acts_for.asked < asked_again_after) return true;
    Peer* const peer = parts_.peers.source(source);
    const auto tokens = kept_sign_in(acts_for.transfer);
    const auto door = doors_.enter(source);
    if (tokens && peer != nullptr && door) {
        const Status opens = still_opens(*tokens, *peer, call());
        if (opens) acts_for.confirmed = acts_for.asked = now;
        if (opens) return true;
        // Unless that was ended or renewed while we asked, it is the hospital's no.
        const auto kept = kept_sign_in(acts_for.transfer);
        if (is_no(opens.error().kind()) && kept && kept->access.equals(tokens->access.reveal()))
            return false;
    }
    return now - acts_for.confirmed < word_holds;
}

ServerResponse Portal::acts_no_more(Visit& visit) {
    const std::string name = hospital(visit.session.who->source);
    visit.session.who.reset();
    visit.session.transfer.clear();
    Reader& reader = visit.reader;
    reader.is_signed_in = false;
    reader.acts_for.reset();
    reader.path = "/portal";
    Page page{.title = std::string(say(reader.language, Word::AgainTitle))};
    paragraph(page.body, reader, Word::ActOverText, {{"hospital", name}});
    link_button(page.body, reader, Word::AgainGo, "/portal/see");
    page.status = 403;
    return send_page(reader, std::move(page));
}

Actor Portal::actor_of(const Visit& visit) {
    const auto& acts_for = visit.session.who->acts_for;
    return acts_for ? Actor::proxy(acts_for->pseudonym) : Actor::patient();
}

fhir::Json Portal::agreed_by(const Visit& visit, const fhir::Json& consent) const {
    const SignedIn& who = *visit.session.who;
    Peer* const peer = parts_.peers.source(who.source);
    if (!who.acts_for || peer == nullptr) return consent;
    return agreed_for(consent, who.acts_for->proxy, peer->base());
}

}  // namespace consultd::portal
