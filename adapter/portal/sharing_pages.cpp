// What a patient shares: the list, the receipt of each, and how to stop.
#include <algorithm>

#include "adapter/acts.h"
#include "adapter/audit/event_reader.h"
#include "adapter/audit/receipt_code.h"
#include "adapter/html/qr_code.h"
#include "adapter/portal/group_list.h"
#include "adapter/portal/portal.h"
#include "adapter/portal/standing.h"
#include "adapter/portal/staying.h"
#include "adapter/web/refusals.h"

namespace consultd::portal {
namespace {

using enum TransferState;
using fhir::Json;
using web::ServerResponse;

constexpr std::size_t shown_max = 200;

void write_card(HtmlWriter& out, const Reader& reader, const Transfer& transfer,
                const std::string& hospital, const std::string& clinic, const Kept& kept) {
    out.markup("<div class=\"card\"><b>")
        .own(clinic)
        .markup("</b><br><span class=\"hint\">")
        .own(hospital)
        .markup(" · ")
        .text(date_words(reader.language, format_date_time(transfer.created)))
        .markup("</span>");
    const auto day = [&](std::optional<Instant> at) {
        return at ? date_words(reader.language, format_instant(*at).substr(0, 10)) : std::string();
    };
    const auto until = transfer.sent ? std::optional(*transfer.sent + kept.followed_for)
                                     : std::optional<Instant>();
    paragraph(out, reader, standing_words(transfer, kept),
              {{"clinic", clinic},
               {"date", day(transfer.sent)},
               {"until", day(until)},
               {"hospital", hospital}});
    out.markup("<div class=\"row\">");
    const auto link = [&](Word word, StaticText path) {
        out.markup("<a href=\"").text(path.view()).markup("/").text(transfer.id).markup("\">");
        put(out, reader, word).markup("</a>");
    };
    if (kept.opinion) link(Word::SharingOpinion, "/portal/opinion");
    if (kept.receipt) link(Word::SharingReceipt, "/portal/receipt");
    link(Word::HistoryLink, "/portal/history");
    if (is_active(transfer)) link(Word::SharingStop, "/portal/stop");
    if (kept.record) link(Word::DeleteLink, "/portal/delete");
    out.markup("</div></div>\n");
}

void write_fact(HtmlWriter& out, const Reader& reader, Word term, std::string_view text) {
    put(out.markup("<div><dt>"), reader, term)
        .markup("</dt><dd>")
        .own(text)
        .markup("</dd></div>\n");
}

}  // namespace

ServerResponse Portal::sharing(Visit& visit) {
    const Reader& reader = visit.reader;
    auto listed = parts_.store.list({.states = {},
                                     .patient_pseudonyms = {visit.session.who->pseudonym},
                                     .count_max = shown_max});
    if (!listed) return nothing_here(visit);
    std::ranges::reverse(*listed);  // the newest first
    Page page{.title = std::string(say(reader.language, Word::SharingTitle))};
    if (listed->empty()) paragraph(page.body, reader, Word::SharingNone);
    for (const bool active : {true, false}) {
        bool is_first = true;
        for (const Transfer& transfer : *listed) {
            if (is_active(transfer) != active) continue;
            if (is_first)
                put(page.body.markup("<h2>"), reader,
                    active ? Word::SharingActive : Word::SharingEnded)
                    .markup("</h2>\n");
            is_first = false;
            write_card(page.body, reader, transfer, hospital_of(transfer), clinic_of(transfer),
                       kept_of(transfer));
            const bool waits = active && waits_for_patient(transfer);
            if (waits && visit.session.transfer.empty()) visit.session.transfer = transfer.id;
            const bool is_at_work =
                active && transfer.state != TransferState::Held && !is_delivered(transfer.state);
            if (waits || is_at_work) {
                begin_form(page.body, reader, "/portal/resume", transfer.id);
                button(page.body, reader, Word::SharingGoOn).markup("</form>\n");
            }
        }
    }
    link_button(page.body, reader, Word::StartAgain, "/portal", "btn two");
    return send_page(reader, std::move(page));
}

// Of several that are under way, this one.
ServerResponse Portal::resume(Visit& visit) {
    const auto found = transfer_of(visit, visit.id);
    if (!found) return nothing_here(visit);
    visit.session.transfer = found->id;
    return go_to("/portal/progress");
}

ServerResponse Portal::receipt(Visit& visit) {
    const auto found = transfer_of(visit, visit.id);
    if (!found || !has(*found, Part::Receipt)) return nothing_here(visit);
    const Reader& reader = visit.reader;
    const std::string there = clinic_of(*found);
    Page page;
    page.has_heading = false;
    HtmlWriter& out = page.body;
    put(out.markup("<div class=\"sent\"><h1>✓ "), reader, Word::SentTitle).markup("</h1>");
    out.markup("<dl class=\"sum\">");
    write_fact(out, reader, Word::SentTo, there);
    write_fact(out, reader, Word::WhoShares, hospital_of(*found));
    if (found->sent)
        write_fact(out, reader, Word::SentWhen,
                   date_words(reader.language, format_date_time(*found->sent)));
    write_fact(out, reader, Word::SentNumber, found->id);
    out.markup("</dl></div>\n");
    // What it was is wiped after a while; the receipt keeps the counts.
    const auto ledger = parts_of(*found).open(Part::Ledger);
    const auto proof = parts_of(*found).open(Part::Receipt);
    if (ledger || proof) {
        put(out.markup("<h2>"), reader, Word::SentWhat).markup("</h2>\n");
        write_counts(out, reader, ledger ? going_of(*ledger) : counts_in(*proof));
    }
    put(out.markup("<h2>"), reader, Word::SentOut).markup("</h2>\n");
    if (ledger)
        write_staying(out, reader, staying_of(*ledger, offer_of(*found), chosen_of(*found)));
    else
        out.markup("<p>")
            .text(found->withheld == 0
                      ? std::string(say(reader.language, Word::PreviewStaysNothing))
                      : say(reader.language, Counted::LeftOut, found->withheld))
            .markup("</p>\n");
    if (const auto gaps = parts_of(*found).open(Part::Gaps))
        write_missing(out, reader, missing_in(*gaps), visit.session.who->scope);
    put(out.markup("<h2>"), reader, Word::SentNext).markup("</h2>\n");
    const Kept kept = kept_of(*found);
    if (is_active(*found) || is_delivered(found->state))
        paragraph(out, reader, Word::SentNextText, {{"clinic", there}});
    else
        paragraph(out, reader, standing_words(*found, kept), {{"clinic", there}});
    put(out.markup("<h2>"), reader, Word::SentProof).markup("</h2>\n<ol class=\"b\">");
    for (const Word word : {Word::ProofOne, Word::ProofTwo, Word::ProofThree, Word::ProofFour})
        put(out.markup("<li>"), reader, word).markup("</li>");
    put(out.markup("</ol>\n<p><a class=\"back\" href=\"/portal/receipt-file/")
            .text(found->id)
            .markup("\">"),
        reader, Word::SentFile)
        .markup("</a></p>\n");
    put(out.markup("<p><a class=\"back\" href=\"/portal/verifier\">"), reader, Word::SentKey)
        .markup("</a></p>\n");
    if (auto receipt = parts_of(*found).open(Part::Receipt); receipt && !receipt->empty())
        if (const auto code = audit::receipt_code(*std::move(receipt)))
            if (write_qr_code(out, *code, say(reader.language, Word::SentCodeLabel)))
                paragraph(out, reader, Word::SentCode);
    link_button(out, reader, Word::MySharing, "/portal/sharing");
    return send_page(reader, std::move(page));
}

// To whom it went and from where stands in the signed log, whatever they are called by now.
audit::Disclosure Portal::signed_facts(const Transfer& transfer) {
    const auto receipt = parts_of(transfer).open(Part::Receipt);
    const auto json = receipt ? Json::parse(*receipt) : Result<Json>(receipt.error());
    if (!json) return {};
    const auto leaf = Json::parse(std::string((*json)["leaf"].string()));
    return leaf ? audit::disclosure_in(*leaf) : audit::Disclosure();
}
std::string Portal::clinic_of(const Transfer& transfer) {
    const std::string name = signed_facts(transfer).destination_name;
    if (!name.empty()) return name;
    const std::string now = clinic(transfer.destination);
    return now.empty() ? transfer.destination : now;
}
std::string Portal::hospital_of(const Transfer& transfer) {
    const std::string name = signed_facts(transfer).source_name;
    if (!name.empty()) return name;
    const std::string now = hospital(transfer.source);
    return now.empty() ? transfer.source : now;
}

Kept Portal::kept_of(const Transfer& transfer) {
    return {.opinion = has(transfer, Part::Opinion),
            .answer_to_stop = has(transfer, Part::Withdrawal),
            .record = can_forget(transfer),
            .receipt = has(transfer, Part::Receipt),
            .followed_for = followed_for(transfer)};
}

// What verifies receipts and log, for whoever holds one: it is no secret.
ServerResponse Portal::verifier(Visit& visit) {
    const auto text = parts_.verifier();
    if (!text) return nothing_here(visit);
    ServerResponse response = web::answer(200, *text, "text/plain; charset=utf-8");
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"consultd.pub\"");
    return response;
}

ServerResponse Portal::receipt_file(Visit& visit) {
    const auto found = transfer_of(visit, visit.id);
    if (!found || !has(*found, Part::Receipt)) return nothing_here(visit);
    auto text = parts_of(*found).open(Part::Receipt);
    if (!text) return nothing_here(visit);
    ServerResponse response = web::answer(200, *std::move(text), "application/json");
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"receipt.json\"");
    return response;
}

ServerResponse Portal::stop(Visit& visit) {
    const auto found = transfer_of(visit, visit.id);
    if (!found) return nothing_here(visit);
    const Reader& reader = visit.reader;
    const std::string there = clinic_of(*found);
    if (!visit.is_post()) {
        if (!is_active(*found)) return go_to("/portal/sharing");
        Page page{.title = say(reader.language, Word::StopTitle, {{"clinic", there}})};
        const bool has_left = found->sent || is_delivered(found->state);
        paragraph(page.body, reader, has_left ? Word::StopAfter : Word::StopBefore,
                  {{"clinic", there}});
        paragraph(page.body, reader, Word::StopEnds, {{"days", std::to_string(keep_days())}});
        begin_form(page.body, reader, "/portal/stop", found->id);
        if (!has_left)
            put(page.body.markup("<label class=\"opt\"><input type=\"checkbox\" name=\"delete\" "
                                 "value=\"yes\"><span>"),
                reader, Word::StopDelete)
                .markup("</span></label>\n");
        page.body.markup("<div class=\"row\">");
        button(page.body, reader, Word::StopGo, "btn stop");
        link_button(page.body, reader, Word::StopKeep, "/portal/sharing", "btn two");
        page.body.markup("</div></form>\n");
        return send_page(reader, std::move(page));
    }
    const auto now_is = parts_.store.ask_withdrawal(
        found->id, parts_.clock.now(), entry_by(visit, audit::Act::What::Cancel, *found));
    if (!now_is || !*now_is) return nothing_here(visit);
    if (visit.session.transfer == found->id) visit.session.transfer.clear();
    parts_.on_new_transfer();
    // Where a step is still at work on it, the card offers that when it has ended.
    const bool is_gone =
        visit.field("delete") == "yes" && can_forget(**now_is) && forget_now(visit, **now_is).ok();
    Page page{.title = std::string(say(reader.language, Word::StoppedTitle))};
    const bool has_left = (*now_is)->sent || is_delivered((*now_is)->state);
    paragraph(page.body, reader, has_left ? Word::StoppingText : Word::StoppedText,
              {{"clinic", there}});
    if (is_gone) paragraph(page.body, reader, Word::DeletedText);
    link_button(page.body, reader, Word::MySharing, "/portal/sharing");
    return send_page(reader, std::move(page));
}

Status Portal::forget_now(const Visit& visit, const Transfer& transfer) {
    TRY(parts_.store.ask_to_log(entry_by(visit, audit::Act::What::Deletion, transfer)));
    const auto access = parts_of(transfer).open(Part::Access);
    Peer* const source = parts_.peers.source(transfer.source);
    const auto door = doors_.enter(transfer.source);
    if (access && !access->empty() && source != nullptr && door) {
        const fhir::Call exchange = call();
        const auto tokens = fhir::patient_tokens(*access);
        const auto sign_in = source->sign_in(exchange);
        // Where the hospital does not answer, the sign-in ends there by itself.
        if (tokens && sign_in)
            (void)source->heard(sign_in->revoke(*tokens, exchange.deadline, exchange.stop)).ok();
    }
    // If we die before this: it is asked to be logged, and still there for the patient to see.
    TRY(parts_.store.forget_answers(transfer.id));
    return parts_.store.forget(transfer.id, parts_kept_as(Retention::Record));
}

ServerResponse Portal::delete_kept(Visit& visit) {
    const auto found = transfer_of(visit, visit.id);
    if (!found) return nothing_here(visit);
    const Reader& reader = visit.reader;
    const bool can = can_forget(*found);
    if (!visit.is_post() && !can) return go_to("/portal/sharing");
    if (!visit.is_post()) {
        Page page{.title = std::string(say(reader.language, Word::DeleteTitle)),
                  .body = {},
                  .back = "/portal/sharing"};
        paragraph(page.body, reader, Word::DeleteText);
        begin_form(page.body, reader, "/portal/delete", found->id);
        button(page.body, reader, Word::DeleteGo, "btn stop").markup("</form>\n");
        return send_page(reader, std::move(page));
    }
    if (can && !forget_now(visit, *found)) return nothing_here(visit);
    Page page{.title = std::string(say(reader.language, Word::DeletedTitle))};
    paragraph(page.body, reader, Word::DeletedText);
    link_button(page.body, reader, Word::MySharing, "/portal/sharing");
    return send_page(reader, std::move(page));
}

}  // namespace consultd::portal
