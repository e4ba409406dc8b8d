// The pages after the record was read: what goes, and the very packet, before it goes.
#include "adapter/acts.h"
#include "adapter/portal/group_list.h"
#include "adapter/portal/offer_list.h"
#include "adapter/portal/person.h"
#include "adapter/portal/portal.h"
#include "adapter/portal/staying.h"
#include "adapter/web/refusals.h"
#include "fhir/datetime.h"

namespace consultd::portal {
namespace {

using fhir::Json;
using web::ServerResponse;

constexpr std::size_t listed_max = 1000;

bool is_waiting(const Transfer& transfer) {
    return transfer.state == TransferState::Held &&
           (transfer.reason == "choice" || transfer.reason == "approval");
}

using Names = std::set<std::string, std::less<>>;

void write_box(HtmlWriter& out, StaticText field, std::string_view name, const Names& ticked,
               const Reader& reader, Word title, std::string_view count) {
    out.markup("<label class=\"opt\"><input type=\"checkbox\" name=\"")
        .text(field.view())
        .markup("\" value=\"")
        .text(name)
        .markup(ticked.contains(name) ? StaticText("\" checked><span><b>")
                                      : StaticText("\"><span><b>"));
    put(out, reader, title);
    if (!count.empty()) out.markup(" <span class=\"n\">").text(count).markup("</span>");
    out.markup("</b>");
}
HtmlWriter& hint(HtmlWriter& out, const Reader& reader, Word word, Places places = {}) {
    return put(out.markup("<span class=\"hint\">"), reader, word, places).markup("</span>");
}

void write_groups(HtmlWriter& out, const Reader& reader, const There& there,
                  const OfferByGroup& offer, const std::vector<bool>& missing,
                  std::string_view scope, const Choice& ticked) {
    put(out.markup("<fieldset><legend>"), reader, Word::ChooseGroups).markup("</legend>\n");
    for (std::size_t i = 0; i < groups().size(); ++i) {
        const Group& group = groups()[i];
        const bool may = may_read(scope, i);
        const bool is_there = may && (there.groups[i] > 0 || there.withheld[i] > 0);
        if (may && !is_there && !missing[i]) continue;
        if (!is_there)
            hint(put(out.markup("<p class=\"opt\"><span></span><span><b>"), reader, group.title)
                     .markup("</b>"),
                 reader, may ? Word::ChooseNotRead : Word::ChooseNotAllowed)
                .markup("</span></p>\n");
        if (!is_there) continue;
        write_box(out, "group", group.name, ticked.groups, reader, group.title,
                  there.groups[i] == 0 ? std::string()
                                       : how_much(reader, there.groups[i], offer.open[i]));
        hint(out, reader, group.hint);
        if (there.groups[i] == 0) hint(out, reader, Word::ChooseOnlyPrivate);
        out.markup("</span></label>\n");
        write_left_out(out, reader, group.title, offer.open[i], ticked);
    }
    out.markup("</fieldset>\n");
}

void write_matters(HtmlWriter& out, const Reader& reader, const There& there,
                   const Choice& ticked) {
    put(out.markup("<fieldset><legend>"), reader, Word::ChoosePrivate);
    put(out.markup("</legend><p class=\"hint\">"), reader, Word::ChoosePrivateHint)
        .markup("</p>\n");
    for (std::size_t i = 0; i < private_matters().size(); ++i) {
        const PrivateMatter& matter = private_matters()[i];
        const auto& [count, of_groups] = there.matters[i];
        write_box(out, "private", matter.name, ticked.matters, reader, matter.title,
                  count == 0 ? std::string() : say(reader.language, Counted::Items, count));
        hint(out, reader, matter.why);
        std::string titles;
        for (const std::size_t group : of_groups)
            titles.append(titles.empty() ? "" : " · ")
                .append(say(reader.language, groups()[group].title));
        if (!titles.empty()) hint(out, reader, Word::ChoosePrivateIn, {{"groups", titles}});
        out.markup("</span></label>\n");
    }
    out.markup("</fieldset>\n");
}

void write_day(HtmlWriter& out, const Reader& reader, StaticText field, Word label,
               std::string_view day) {
    out.markup("<label for=\"").text(field.view()).markup("\"><b>");
    put(out, reader, label).markup("</b></label><input class=\"find\" type=\"date\" id=\"");
    out.text(field.view()).markup("\" name=\"").text(field.view());
    out.markup("\" value=\"").text(day).markup("\">\n");
}

void write_dates(HtmlWriter& out, const Reader& reader, const Choice& ticked) {
    put(out.markup("<fieldset><legend>"), reader, Word::ChooseDates);
    put(out.markup("</legend><p class=\"hint\">"), reader, Word::ChooseDatesHint).markup("</p>\n");
    write_day(out, reader, "since", Word::ChooseSince, ticked.since);
    write_day(out, reader, "until", Word::ChooseUntil, ticked.until);
    out.markup("</fieldset>\n");
}

// As a browser sends a day: whole, or nothing.
bool is_day(std::string_view text) {
    return text.empty() || (text.size() == 10 && fhir::Datetime::parse(text).has_value());
}
bool are_days(std::string_view since, std::string_view until) {
    return is_day(since) && is_day(until) && (since.empty() || until.empty() || since <= until);
}

// What a form of this page says.
Choice ticked_in(const Visit& visit, const Offers& offer) {
    Choice choice{.groups = {},
                  .matters = {},
                  .other_types = there_is(offer).other_types,
                  .since = std::string(visit.field("since")),
                  .until = std::string(visit.field("until"))};
    Names without, also;
    for (const auto& [name, value] : visit.form) {
        if (name == "group") choice.groups.insert(value);
        if (name == "private") choice.matters.insert(value);
        if (name == "without") without.insert(value);
        if (name == "also") also.insert(value);
    }
    read_single(offer, without, also, choice);
    return choice;
}

void write_earlier(HtmlWriter& out, const Reader& reader, const std::optional<Transfer>& earlier,
                   bool is_open, const std::string& clinic) {
    if (!earlier) return;
    const std::string date =
        earlier->sent ? date_words(reader.language, format_date_time(*earlier->sent)) : "";
    paragraph(out.markup("<div class=\"quiet warn\" role=\"note\">"), reader,
              is_open ? Word::UncertainText : Word::PreviewSentBefore,
              {{"clinic", clinic}, {"date", date}})
        .markup("</div>\n");
}

}  // namespace

std::optional<Transfer> Portal::already_sent(const Visit& visit, const Transfer& transfer) {
    const auto listed = parts_.store.list({.states = {},
                                           .patient_pseudonyms = {visit.session.who->pseudonym},
                                           .count_max = listed_max});
    // What cannot be looked up may have been sent.
    if (!listed) return transfer;
    const Transfer* const found = sent_already(*listed, transfer, parts_.clock.now());
    return found != nullptr ? std::optional(*found) : std::nullopt;
}

Offers Portal::offer_of(const Transfer& transfer) {
    auto text = parts_of(transfer).open(Part::Offer);
    return text ? offer_in(*std::move(text)) : Offers();
}

Choice Portal::chosen_of(const Transfer& transfer) {
    auto text = parts_of(transfer).open(Part::Chosen);
    return text ? choice_in(*std::move(text)) : Choice();
}

ServerResponse Portal::choose(Visit& visit) {
    const auto found = current(visit);
    if (!found || !is_waiting(*found)) return go_to("/portal/progress");
    auto bundle = parts_of(*found).open(Part::Bundle);
    if (!bundle) return nothing_here(visit);
    const Reader& reader = visit.reader;
    const bool has_some = !visit.field("group").empty() || !visit.field("also").empty();
    const bool has_days = are_days(visit.field("since"), visit.field("until"));
    const Offers all = offer_of(*found);
    // What was said stays until it is taken back: also where the form comes back.
    const Choice ticked = visit.is_post() ? ticked_in(visit, all) : chosen_of(*found);
    if (visit.is_post() && has_some && has_days) return chosen(visit, *found, ticked);

    const There there = there_is(all);
    const Person person = person_in(*std::move(bundle));
    Page page{.title = std::string(say(reader.language, Word::ChooseTitle))};
    HtmlWriter& out = page.body;
    if (visit.is_post())
        complaint(out, reader, has_days ? Word::ChooseNothing : Word::ChooseDatesWrong);
    paragraph(out, reader, person.birth_date.empty() ? Word::ChooseOfNoDate : Word::ChooseOf,
              {{"name", person.name}, {"date", date_words(reader.language, person.birth_date)}});
    put(out.markup("<p><a class=\"back\" href=\"/portal/stop/").text(found->id).markup("\">"),
        reader, reader.acts_for ? Word::ChooseNotTheirs : Word::ChooseNotYou)
        .markup("</a></p>\n");
    const OfferByGroup by_group(all);
    HtmlWriter offer;
    if (reader.acts_for)
        paragraph(offer, reader, Word::ActAgree,
                  {{"hospital", hospital_of(*found)},
                   {"name", person.name},
                   {"clinic", clinic_of(*found)}});
    paragraph(offer, reader, Word::ChooseHint);
    const auto gaps = parts_of(*found).open(Part::Gaps);
    write_groups(offer, reader, there, by_group, missing_in(gaps ? *gaps : "[]"),
                 visit.session.who->scope, ticked);
    write_dates(offer, reader, ticked);
    write_matters(offer, reader, there, ticked);
    write_unsure(offer, reader, Word::ChoosePossible, Word::ChoosePossibleHint, by_group.possible,
                 ticked);
    write_unsure(offer, reader, Word::ChooseUnread, Word::ChooseUnreadHint, by_group.unread,
                 ticked);
    paragraph(offer.markup("<div class=\"hint\">"), reader,
              reader.acts_for ? Word::ChooseTheirNames : Word::ChooseNames)
        .markup("</div>\n");
    visit.session.shown = crypto::hex(crypto::sha256(HtmlWriter(offer).take()));
    begin_form(out, reader, "/portal/choose").append(offer);
    button(out, reader, Word::ChooseGo).markup("</form>\n");
    return send_page(reader, std::move(page));
}

// What was ticked becomes the Consent; the record is prepared anew, by it alone.
ServerResponse Portal::chosen(Visit& visit, Transfer transfer, const Choice& choice) {
    const auto destination = parts_.config.destinations.find(transfer.destination);
    if (destination == parts_.config.destinations.end()) return nothing_here(visit);
    const Instant now = parts_.clock.now();
    const std::string& patient = visit.session.who->patient_id;
    const Json to_read = consent_to_read(patient, destination->second, now);
    const Json consent = agreed_by(visit, consent_of(choice, patient, destination->second, now));
    const PatientAct act = decided_now(visit);
    transfer.state = TransferState::Requested;
    transfer.prepared = false;
    transfer.attempts = 0;
    transfer.due = at_once;
    transfer.updated = std::max(now, transfer.updated);
    clear_reason(transfer);
    // If we die before this: nothing is chosen. After it: the packet is made by this choice.
    const Status changed =
        put_down(transfer,
                 {seal_part(parts_.sealer, transfer.id, Part::Consent, consent.print()),
                  seal_part(parts_.sealer, transfer.id, Part::ConsentToRead, to_read.print()),
                  seal_part(parts_.sealer, transfer.id, Part::Chosen, text_of(choice)),
                  seal_part(parts_.sealer, transfer.id, Part::Choice, text_of(act))},
                 entry_by(visit, audit::Act::What::Choice, transfer, &act));
    // Chosen at the same moment in another tab: that page shows how it stands.
    if (changed) parts_.on_new_transfer();
    return go_to("/portal/progress");
}

ServerResponse Portal::preview(Visit& visit) {
    const auto found = current(visit);
    if (!found || found->state != TransferState::Held || found->reason != "approval")
        return go_to("/portal/progress");
    const PartReader parts = parts_of(*found);
    const auto bundle = parts.open(Part::Bundle), html = parts.open(Part::Packet),
               ledger = parts.open(Part::Ledger), gaps = parts.open(Part::Gaps);
    const auto to = parts_.config.destinations.find(found->destination);
    if (!bundle || !html || !ledger || !gaps || to == parts_.config.destinations.end())
        return nothing_here(visit);
    Reader& reader = visit.reader;
    const std::string digest = packet_digest(*bundle, *html, to->second);
    Page page{.title = say(reader.language, Word::PreviewTitle, {{"clinic", clinic_of(*found)}}),
              .body = {},
              .back = "/portal/choose"};
    HtmlWriter& out = page.body;
    if (visit.is_post())
        complaint(out, reader,
                  visit.field("packet") == digest ? Word::ConfirmMissing : Word::ChangedText);
    reader.path = "/portal/preview";
    HtmlWriter shown;
    paragraph(shown, reader, Word::PreviewHint);
    put(shown.markup("<h2>"), reader, Word::PreviewGoes).markup("</h2>\n");
    write_counts(shown, reader, going_of(*ledger));
    put(shown.markup("<p><a class=\"back\" target=\"_blank\" href=\"/portal/packet\">"), reader,
        Word::PreviewOpen)
        .markup("</a></p>\n");
    put(shown.markup("<h2>"), reader, Word::PreviewStays).markup("</h2>\n");
    write_staying(shown, reader, staying_of(*ledger, offer_of(*found), chosen_of(*found)));
    write_missing(shown, reader, missing_in(*gaps), visit.session.who->scope);
    const auto earlier = already_sent(visit, *found);
    const bool is_open = earlier && !was_delivered(*earlier);
    write_earlier(shown, reader, earlier, is_open, clinic_of(*found));
    visit.session.shown = crypto::hex(crypto::sha256(HtmlWriter(shown).take()));
    begin_form(out.append(shown), reader, "/portal/send")
        .markup("<input type=\"hidden\" name=\"packet\" value=\"")
        .text(digest)
        .markup("\">");
    if (earlier && !is_open)
        put(out.markup("<label class=\"opt\"><input type=\"checkbox\" name=\"again\" "
                       "value=\"yes\" required><span><b>"),
            reader, Word::PreviewAgain)
            .markup("</b></span></label>\n");
    out.markup("<div class=\"row\">");
    // Nobody sends it again before it is known what became of the first.
    if (is_open)
        link_button(out, reader, Word::MySharing, "/portal/sharing");
    else
        button(out, reader, Word::PreviewSend);
    link_button(out, reader, Word::PreviewChange, "/portal/choose", "btn two");
    out.markup("</div></form>\n");
    return send_page(reader, std::move(page));
}

// As the doctor will see it, but for the name of the tab; whatever is in it, it can do nothing
// here.
ServerResponse Portal::packet(Visit& visit) {
    const auto found = current(visit);
    const bool may =
        found && (is_waiting(*found) ? found->reason == "approval" : is_delivered(found->state));
    if (!may) return go_to("/portal/progress");
    auto html = parts_of(*found).open(Part::Packet);
    if (!html) return nothing_here(visit);
    // The name of the tab stands in the browser's history, and says nothing of anybody.
    const std::size_t title = html->find("<title>"), end = html->find("</title>");
    if (title < end && end != std::string::npos)
        html->replace(title + 7, end - title - 7, say(visit.reader.language, Word::ServiceName));
    ServerResponse response = web::answer(200, *std::move(html), "text/html; charset=utf-8");
    for (auto& [name, value] : response.headers)
        if (name == "Content-Security-Policy")
            value =
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
                "base-uri 'none'; frame-ancestors 'none'; sandbox allow-downloads";
    return response;
}

ServerResponse Portal::send(Visit& visit) {
    const auto found = current(visit);
    if (!found || found->state != TransferState::Held || found->reason != "approval")
        return go_to("/portal/progress");
    const auto bundle = parts_of(*found).open(Part::Bundle);
    const auto html = parts_of(*found).open(Part::Packet);
    const auto to = parts_.config.destinations.find(found->destination);
    if (!bundle || !html || to == parts_.config.destinations.end()) return nothing_here(visit);
    // What would go is not what they saw: said, and shown again.
    PatientAct act = decided_now(visit);
    act.packet = packet_digest(*bundle, *html, to->second);
    if (visit.field("packet") != act.packet) return preview(visit);
    // Sent in another visit, meanwhile or before: said, and asked.
    const auto earlier = already_sent(visit, *found);
    if (earlier && (!was_delivered(*earlier) || visit.field("again") != "yes"))
        return preview(visit);
    auto next = retried(*found, parts_.clock.now());
    if (!next) return go_to("/portal/progress");
    // If we die before this: nothing leaves. After it: these bytes leave, and no others.
    const Status changed =
        put_down(*next, {seal_part(parts_.sealer, next->id, Part::Approval, text_of(act))},
                 entry_by(visit, audit::Act::What::Approval, *next, &act));
    if (changed) parts_.on_new_transfer();
    return go_to("/portal/progress");
}

}  // namespace consultd::portal
