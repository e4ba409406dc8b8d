// Portal: the patient's own door: choose where the records are and who gets them, sign in at the
// hospital, choose what goes, see it, let it go, keep the receipt, stop. Signing in at the hospital
// is the sign-in; there is no account and no password of ours. Works without scripts. All that
// moves is a transfer like any other (adapter/pipeline): here it is placed, and a person's
// decisions are put down for it; nothing here reads a record from a source or sends one.
#pragma once

#include <functional>
#include <span>

#include "adapter/approval.h"
#include "adapter/audit/act.h"
#include "adapter/audit/event.h"
#include "adapter/directory/hospitals.h"
#include "adapter/offer.h"
#include "adapter/opinion.h"
#include "adapter/order.h"
#include "adapter/peers.h"
#include "adapter/portal/choice.h"
#include "adapter/portal/doors.h"
#include "adapter/portal/page.h"
#include "adapter/portal/sessions.h"
#include "adapter/portal/standing.h"
#include "adapter/web/query.h"
#include "adapter/web/router.h"

namespace consultd::portal {

struct PortalParts {
    const config::Config& config;
    Peers& peers;
    Store& store;
    const crypto::Sealer& sealer;
    Sessions& sessions;  // outlive a reload of the configuration
    Clock& clock;
    Random& random;
    std::function<void()> on_new_transfer = [] {};
    // Writes down that the patient, or who acts for them, is given what came back: durable before
    // it is.
    std::function<Status(const Transfer&, const Actor&)> opinion_is_read;
    // What verifies our receipts, as a text.
    std::function<Result<std::string>()> verifier;
    Log& log;
    // Shows each entry of the audit log; an error: it does not verify, or cannot be read.
    std::function<Status(const std::function<bool(std::uint64_t, std::string_view)>&)> read_log;
};

// One request, of a session that is nobody else's meanwhile.
struct Visit {
    const web::ServerRequest& http;
    std::string_view id;
    Session& session;
    web::Query form;
    std::string cookie;  // the session's name; may be given a new one
    Reader reader;

    // The first of that name; empty: there is none.
    std::string_view field(std::string_view name) const;
    bool is_post() const { return http.method == "POST"; }
};

class Portal {
public:
    explicit Portal(PortalParts parts);
    Portal(const Portal&) = delete;
    Portal& operator=(const Portal&) = delete;

    // Rows for the table of the HTTP interface; this must outlive them.
    std::vector<web::Route> routes();

private:
    enum class Needs : std::uint8_t { Nothing, Session, SignIn };
    using Answer = web::ServerResponse (Portal::*)(Visit&);
    struct Row {
        std::string_view method, path;
        Needs needs;
        Answer answer;
    };
    static std::span<const Row> table();
    web::ServerResponse answer_as(const Row& row, const web::RoutedRequest& asked,
                                  Language language);
    web::ServerResponse too_many(const web::ServerRequest& request, Language language,
                                 const char* again_after) const;
    web::ServerResponse answer(const Row& row, const web::RoutedRequest& asked);
    web::ServerResponse answer_in(const Row& row, Visit visit);
    bool is_ours(const web::ServerRequest& request) const;
    Reader reader_of(const web::ServerRequest& request, const Session& session) const;

    // where_pages.cpp
    web::ServerResponse find(Visit& visit);
    web::ServerResponse where(Visit& visit);
    void write_hospitals(HtmlWriter& out, const Reader& reader, const std::vector<Hospital>& found,
                         std::string_view chosen);
    // draft_pages.cpp: before the sign-in
    web::ServerResponse start(Visit& visit);
    web::ServerResponse exit(Visit& visit);
    // portal.cpp: how long a session still has; a click; the page that says it has ended
    web::ServerResponse left(Visit& visit);
    web::ServerResponse stay(Visit& visit);
    web::ServerResponse over(Visit& visit);
    web::ServerResponse see(Visit& visit);
    web::ServerResponse to(Visit& visit);
    web::ServerResponse question(Visit& visit);
    web::ServerResponse check(Visit& visit);
    // sign_in_pages.cpp
    web::ServerResponse begin_sign_in(Visit& visit);
    web::ServerResponse hand_off(Visit& visit);
    web::ServerResponse callback(Visit& visit);
    web::ServerResponse sign_in_busy(const Visit& visit, const Draft& draft, bool looks_again);
    web::ServerResponse sign_in_failed(Visit& visit, const Draft& draft, const Error& error);
    web::ServerResponse go_on_again(Visit& visit);
    web::ServerResponse leave(Visit& visit);
    web::ServerResponse signed_in(Visit& visit, const Draft& draft,
                                  const fhir::PatientTokens& tokens);
    Result<std::string> place(const Visit& visit, const Draft& draft,
                              const fhir::PatientTokens& tokens);
    Status go_on(const Visit& visit, const fhir::PatientTokens& tokens);
    // progress_pages.cpp
    web::ServerResponse progress(Visit& visit);
    // choose_pages.cpp
    web::ServerResponse choose(Visit& visit);
    web::ServerResponse chosen(Visit& visit, Transfer transfer, const Choice& choice);
    Offers offer_of(const Transfer& transfer);
    // What was ticked last; nothing, where nothing was yet.
    Choice chosen_of(const Transfer& transfer);
    web::ServerResponse preview(Visit& visit);
    web::ServerResponse packet(Visit& visit);
    web::ServerResponse send(Visit& visit);
    // sharing_pages.cpp
    web::ServerResponse sharing(Visit& visit);
    web::ServerResponse receipt(Visit& visit);
    web::ServerResponse receipt_file(Visit& visit);
    web::ServerResponse verifier(Visit& visit);
    web::ServerResponse resume(Visit& visit);
    Kept kept_of(const Transfer& transfer);
    audit::Disclosure signed_facts(const Transfer& transfer);
    std::string clinic_of(const Transfer& transfer);
    std::string hospital_of(const Transfer& transfer);
    // Of the same patient's others, by which the same clinic has these records or may have them.
    std::optional<Transfer> already_sent(const Visit& visit, const Transfer& transfer);
    web::ServerResponse stop(Visit& visit);
    web::ServerResponse delete_kept(Visit& visit);
    // What is still held of one that has ended, with its sign-in: logged before it is gone.
    Status forget_now(const Visit& visit, const Transfer& transfer);
    Milliseconds followed_for(const Transfer& transfer) const;
    // One that has ended and of which something is held.
    bool can_forget(const Transfer& transfer) {
        return is_terminal(transfer.state) && has(transfer, Part::Request);
    }
    // history_pages.cpp
    web::ServerResponse history(Visit& visit);
    // opinion_pages.cpp
    web::ServerResponse opinion(Visit& visit);
    web::ServerResponse opinion_file(Visit& visit);
    web::ServerResponse letter(Visit& visit);
    // What came back, if it is there; the log has it that the patient reads it.
    std::optional<Opinion> opinion_to_read(const Visit& visit, const Transfer& transfer);
    bool has(const Transfer& transfer, Part part);

    web::ServerResponse nothing_here(Visit& visit);
    // The one of that id, if it is of the patient who signed in.
    std::optional<Transfer> transfer_of(const Visit& visit, std::string_view id);
    std::optional<Transfer> current(const Visit& visit) {
        return transfer_of(visit, visit.session.transfer);
    }
    std::string hospital(std::string_view source) const;
    std::string clinic(std::string_view destination) const;
    // proxy_pages.cpp: of somebody who acts for the patient
    std::optional<ActsFor> acts_for(const std::string& source, const fhir::PatientTokens& tokens);
    std::optional<fhir::PatientTokens> kept_sign_in(const std::string& transfer_id);
    bool may_still_act(ActsFor& acts_for, const std::string& source);
    web::ServerResponse acts_no_more(Visit& visit);
    static Actor actor_of(const Visit& visit);
    fhir::Json agreed_by(const Visit& visit, const fhir::Json& consent) const;

    AskedEntry entry_by(const Visit& visit, audit::Act::What what, const Transfer& transfer,
                        const PatientAct* decided = nullptr);
    PatientAct decided_now(const Visit& visit) const;
    // Of one that is held: what the patient decided, in one commit, however it was worked on a
    // moment ago. Conflict: it stands otherwise by now.
    Status put_down(const Transfer& next, const std::vector<SealedPart>& parts,
                    const AskedEntry& act);
    PartReader parts_of(const Transfer& transfer) {
        return {parts_.store, parts_.sealer, transfer.id};
    }
    fhir::Call call() const;
    std::int64_t keep_days() const;

    // When its sign-in last answered, and where it is; kept beyond a restart.
    void remember_reached(const std::string& source, const fhir::Url& sign_in);

    PortalParts parts_;
    const fhir::Url public_url_;
    const Hospitals hospitals_;
    Doors doors_;
};

}  // namespace consultd::portal
