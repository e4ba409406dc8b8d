#include "tests/simulation/promises.h"

#include <algorithm>

#include "adapter/audit/receipt.h"
#include "adapter/order.h"
#include "tests/simulation/log_reader.h"

namespace consultd::simulation {
namespace {

using fhir::Json;
using fhir::JsonView;
using enum TransferState;

Json parsed(std::string text) {
    return Json::parse(std::move(text), {.bytes_max = std::size_t{64} << 20, .depth_max = 128})
        .value();
}

const Transfer& row_of(World& world, const std::string& transfer) {
    return world.tables().find(transfer)->transfer;
}

// The exact bytes of the document that a transaction carries.
std::string document_in(JsonView request) {
    if (request["contentType"].string() == "application/fhir+json")
        return crypto::from_base64(request["data"].string()).value();
    for (const JsonView entry : request["entry"].items())
        if (entry.at("resource", "contentType").string() == "application/fhir+json")
            return document_in(entry["resource"]);
    return {};
}

bool is_received(World& world, const Asked& asked, const std::string& transfer) {
    return !world.destination_of(asked).tasks_of(transfer).empty();
}

using Disclosed = std::map<std::string, LoggedDisclosure>;

// As somebody outside would read it after a power cut now.
Disclosed durable_log(World& world) {
    auto log = read_disclosures(world.disk().durable_view());
    if (!log)
        world.history().violated("nothing unaudited",
                                 "the durable log does not verify: " + log.error().message());
    return std::move(*log);
}

// A part of the transfer, as the daemon would open it; empty where it is gone.
std::string part_of(World& world, const std::string& transfer, Part part) {
    const auto found = world.tables().parts.find({transfer, part});
    if (found == world.tables().parts.end()) return {};
    return world.sealer()
        .open(found->second, "part|" + transfer + "|" + std::string(name_of(part)))
        .value();
}

// What the ledger says became of each resource: its outcome, and as what it was delivered.
struct LedgerLine {
    std::string outcome, as;
};
using LedgerLines = std::map<std::string, LedgerLine>;

LedgerLines ledger_of(World& world, const std::string& transfer) {
    LedgerLines lines;
    const std::string ledger = part_of(world, transfer, Part::Ledger);
    for (std::size_t at = 0; at < ledger.size();) {
        const std::size_t end = ledger.find('\n', at);
        const Json line = parsed(ledger.substr(at, end - at));
        at = end + 1;
        if (line["line"].string() != "resource") continue;
        const bool is_new =
            lines
                .emplace(line["source"].string(), LedgerLine{std::string(line["outcome"].string()),
                                                             std::string(line["as"].string())})
                .second;
        if (!is_new) world.history().violated("nothing lost", "a resource is twice in the ledger");
    }
    return lines;
}

// 3. What the patient did not agree to share is in no byte that leaves, and nothing leaves when
// the Consent does not hold.
void nothing_outside_the_consent(World& world, const Asked& asked) {
    const Wish& wish = world.wish_of(asked);
    const History& history = world.history();
    if (!permits_anything(wish.sharing))
        history.violated("nothing outside the consent", "a packet leaves without any consent");
    if (wish.sharing == Sharing::EndsSoon && world.clock().now() > wish.until)
        history.violated("nothing outside the consent", "a packet leaves after the consent ended");
    const Words withheld = withheld_words(world.patient_of(asked), wish.sharing);
    for (const MadeResource& made : world.patient_of(asked).resources)
        if (withheld.contains(made.word) && asked.sent.contains(made.word))
            history.violated("nothing outside the consent", "a packet has " + made.word);
    if (asked.was_withdrawn)
        history.violated("nothing outside the consent", "a packet leaves after the withdrawal");
}

// 6. No word of another patient leaves.
void only_this_patient(World& world, const Asked& asked) {
    Words own;
    for (const MadeResource& made : world.patient_of(asked).resources) own.insert(made.word);
    for (const std::string& word : asked.sent)
        if (!own.contains(word))
            world.history().violated("only this patient", "a packet has " + word);
}

// 4. The intent is durable, about these bytes, before the first of them leaves; and the state
// knows.
void nothing_unaudited(World& world, const Asked& asked, const std::string& transfer) {
    const Disclosed log = durable_log(world);
    const auto found = log.find(transfer);
    if (found == log.end() || !found->second.is_open())
        world.history().violated("nothing unaudited", "a packet leaves without a durable intent");
    if (!asked.document_hash.empty() &&
        found->second.intents.back().document_hash != asked.document_hash)
        world.history().violated("nothing unaudited", "the intent is about other bytes");
    const Transfer& row = row_of(world, transfer);
    if (row.state != Sending || !row.sent)
        world.history().violated("nothing unaudited", "a packet leaves and the state says " +
                                                          std::string(name_of(row.state)));
}

// 5. An Observation has the digits and the date that it had at the source.
void nothing_distorted(World& world, const Asked& asked, const Json& document) {
    for (const JsonView entry : document["entry"].items()) {
        const JsonView resource = entry["resource"];
        const std::string_view name = resource.at("code", "text").string();
        for (const MadeResource& made : world.patient_of(asked).resources) {
            if (made.value.empty() || !name.ends_with(made.word)) continue;
            const bool is_same = resource.at("valueQuantity", "value").number() == made.value &&
                                 resource["effectiveDateTime"].string() == made.date;
            if (!is_same) world.history().violated("nothing distorted", made.word + " differs");
        }
    }
}

// 7, within one transfer: the document is the same each time, and so is all that goes with it once
// the destination has stored it: else its conditions would not know it again. Parts lead to what
// lies there already, and differ by that.
void same_bytes_again(World& world, Asked& asked, const std::string& body, const Institution& to) {
    const std::string hash = crypto::sha256(body);
    if (asked.packet_hash == hash) return;
    std::string document = document_in(parsed(body));
    const bool is_other =
        !asked.document.empty() && !document.empty() && asked.document != document;
    if (is_other || (asked.stored > 0 && !to.takes_parts()))
        world.history().violated("same in, same out", "other bytes leave than before");
    asked.packet_hash = hash;
    asked.sent.merge(words_in(body));
    if (document.empty()) return;
    if (asked.document.empty()) nothing_distorted(world, asked, parsed(document));
    asked.document = std::move(document);
    asked.document_hash = crypto::hex(crypto::sha256(asked.document));
}

// 2. One copy at the destination, whatever happened on the way.
void nothing_twice(World& world, const Asked& asked, const std::string& transfer) {
    if (world.destination_of(asked).copies_of(transfer) > 1)
        world.history().violated("nothing twice", transfer + " lies there more than once");
}

// 1. The ledger balances, and it is true: what it calls delivered is in the document, and its word
// is at the destination; what it does not name was missed, and the transfer says so.
void nothing_lost(World& world, const Asked& asked, const std::string& transfer) {
    const History& history = world.history();
    const Transfer& row = row_of(world, transfer);
    const Words there = words_in(world.destination_of(asked).bytes_of(transfer));
    const LedgerLines ledger = ledger_of(world, transfer);
    std::map<std::string, std::uint64_t> counts;
    for (const auto& [source, line] : ledger) {
        ++counts[line.outcome];
        if (line.outcome == "delivered" && asked.document.find(line.as) == std::string::npos)
            history.violated("nothing lost", source + " is called delivered and is not");
    }
    if (counts["delivered"] != row.delivered || counts["merged"] != row.merged ||
        counts["withheld"] != row.withheld || counts["rejected"] != row.rejected ||
        row.pulled != row.delivered + row.merged + row.withheld + row.rejected)
        history.violated("nothing lost", "the counts do not add up");
    for (const MadeResource& made : world.patient_of(asked).resources) {
        const auto line = ledger.find(made.type + "/" + made.id);
        const bool is_named = line != ledger.end();
        if (!is_named && row.complete)
            history.violated("nothing lost", made.word + " was not pulled, and nothing says so");
        const bool is_kept =
            is_named && (line->second.outcome == "delivered" || line->second.outcome == "merged");
        if (is_kept && !there.contains(made.word))
            history.violated("nothing lost", made.word + " is not there");
    }
}

// The receipt is about what lies there, and is proven by our public key alone.
void receipt_holds(World& world, const Asked& asked, const std::string& transfer) {
    const std::string receipt = part_of(world, transfer, Part::Receipt);
    const auto facts = audit::verify_receipt(receipt, {.origin = audit_origin, .key = audit_key()},
                                             asked.document);
    if (!facts)
        world.history().violated("nothing unaudited",
                                 "the receipt does not hold: " + facts.error().message());
    if (facts->transfer_id != transfer || facts->outcome != "sent")
        world.history().violated("nothing unaudited", "the receipt is about something else");
}

// 4. What the state says of its end is what the log says and what is there.
void state_and_log_agree(World& world, const Asked& asked, const std::string& transfer,
                         const Disclosed& log) {
    const History& history = world.history();
    const Transfer& row = row_of(world, transfer);
    const auto found = log.find(transfer);
    const LoggedDisclosure logged = found == log.end() ? LoggedDisclosure{} : found->second;
    const auto said = [&](audit::DisclosureOutcome outcome) {
        return !logged.is_open() && !logged.outcomes.empty() &&
               logged.outcomes.back().said == outcome;
    };
    const std::string name(name_of(row.state));
    // Of what is there in part, or in another's chart, more may become.
    const auto ends = std::ranges::count_if(logged.outcomes, [](const auto& outcome) {
        return outcome.said != audit::DisclosureOutcome::InPart &&
               outcome.said != audit::DisclosureOutcome::InAnotherChart;
    });
    if (ends > 1) history.violated("nothing unaudited", "several outcomes");
    if (is_delivered(row.state) && !said(audit::DisclosureOutcome::Sent))
        history.violated("nothing unaudited", name + " and the log does not say so");
    if (row.state == Refused && asked.packets > 0 && !said(audit::DisclosureOutcome::Refused))
        history.violated("nothing unaudited", "refused and the log does not say so");
    const bool is_there = is_received(world, asked, transfer);
    if (is_delivered(row.state) && !is_there)
        history.violated("nothing twice", name + " and nothing is there");
    // That nothing was sent is inferred from a state that may be older than what happened. Known.
    if (asked.was_put_back) return;
    // Withdrawn after it had arrived, or a part of it: the log has that.
    const bool was_taken_back =
        row.state == Withdrawn && world.tables().parts.contains({transfer, Part::Withdrawal});
    if (was_taken_back && !said(audit::DisclosureOutcome::Sent) &&
        !said(audit::DisclosureOutcome::InPart))
        history.violated("nothing unaudited", "taken back, and the log has no send");
    if (was_taken_back) return;
    const bool says_not_there =
        row.state == Withdrawn || row.state == Failed || row.state == Refused;
    if (says_not_there && is_there)
        history.violated("nothing unaudited", name + " and the packet is there");
    // A packet that the destination has answered with a certain no does not count.
    if (row.state == Withdrawn && asked.stored > 0)
        history.violated("nothing outside the consent", "withdrawn, and a packet was stored");
}

// 8. Nothing of a record is in what we keep in clear.
void only_where_it_belongs(World& world) {
    std::string clear = world.disk().bytes();
    for (const auto& [sequence, row] : world.tables().rows)
        clear += row.transfer.reason + row.transfer.patient_pseudonym +
                 row.transfer.destination_task + row.transfer.remote_status;
    for (const auto& [key, part] : world.tables().parts) clear += part;
    if (const Words words = words_in(clear); !words.empty())
        world.history().violated("only where it belongs",
                                 *words.begin() + " lies on our disk in clear");
}

// Everything comes to an end, or waits for a person with a reason that is one.
void nothing_stuck(World& world, const Asked& asked, const std::string& transfer) {
    const Transfer& row = row_of(world, transfer);
    const Institution& there = world.destination_of(asked);
    const bool is_plain = !there.has_habits();
    if (world.weather().was_always_calm() &&
        ((asked.packets > 1 && is_plain) || row.state == Failed || row.state == Refused ||
         (is_delivered(row.state) && !row.complete)))
        world.history().violated(
            "nothing stuck", "nothing went wrong, and " + transfer + " did not go through at once");
    // What was held too long ends without its record; nothing here is a reason to give up sooner.
    if (row.state == Failed && row.reason != "record-expired")
        world.history().violated("nothing stuck", transfer + " was given up: " + row.reason);
    if (is_terminal(row.state)) return;
    const Wish& wish = world.wish_of(asked);
    const bool may_lack_consent =
        !permits_anything(wish.sharing) || wish.sharing == Sharing::EndsSoon;
    // Two transfers at once may each make the patient at a destination that knows no conditions.
    const bool may_doubt_identity = !there.adds_nothing_twice() || there.has_habits();
    // Of several requests one was refused, or lost where nothing can be asked for it: a person.
    const bool may_stand_in_part =
        (there.takes_parts() || asked.went_in_parts) && !world.weather().was_always_calm();
    const bool is_right =
        row.state == Held &&
        ((row.reason == "consent" && may_lack_consent) ||
         (row.reason == "opinion-overdue" && !asked.is_consulted) ||
         (row.reason == "identity" && may_doubt_identity) ||
         (row.reason == "in-another-chart" && may_doubt_identity) ||
         (row.reason == "uncertain" && asked.was_claimed) ||
         // The log knows of an order that the state has lost: a person says whether it is another.
         (row.reason == "sent-before" && wish.is_asked_again) ||
         (row.reason == "uncertain" && may_stand_in_part) ||
         (row.reason == "withdrawn-in-part" && may_stand_in_part) ||
         (row.reason == "not-all-taken" && may_stand_in_part && asked.was_refused) ||
         // What lies there was made by a state that is lost, and the record was pulled again.
         (row.reason == "not-all-taken" && asked.was_put_back) ||
         (row.reason == "record-expired" && asked.packets > 0));
    if (!is_right)
        world.history().violated(
            "nothing stuck",
            transfer + " is left as " + std::string(name_of(row.state)) + " " + row.reason);
}

}  // namespace

void check_what_leaves(World& world, Asked& asked, const std::string& transfer,
                       const std::string& body, const Institution& to) {
    if (body.find(R"("type":"transaction")") == std::string::npos) asked.went_in_parts = true;
    same_bytes_again(world, asked, body, to);
    nothing_outside_the_consent(world, asked);
    if (&to != &world.destination_of(asked))
        world.history().violated("only where it belongs", "a packet goes to another destination");
    only_this_patient(world, asked);
    nothing_unaudited(world, asked, transfer);
    ++asked.packets;
}

void check_what_ended(World& world, std::map<std::string, Asked>& all) {
    for (auto& [transfer, asked] : all) {
        const TransferState state = row_of(world, transfer).state;
        if (asked.checked == state) continue;
        asked.checked = state;
        if (state == Delivered) {
            // Where the record was pulled again, the ledger is of what was not sent.
            if (!asked.was_put_back) nothing_lost(world, asked, transfer);
            nothing_twice(world, asked, transfer);
            receipt_holds(world, asked, transfer);
        }
        if (state == Delivered || is_terminal(state))
            state_and_log_agree(world, asked, transfer, durable_log(world));
    }
}

void check_the_end(World& world) {
    const Disclosed log = durable_log(world);
    for (const auto& [transfer, asked] : world.asked()) {
        nothing_stuck(world, asked, transfer);
        nothing_twice(world, asked, transfer);
        state_and_log_agree(world, asked, transfer, log);
        const auto logged = log.find(transfer);
        if (is_terminal(row_of(world, transfer).state) && logged != log.end() &&
            logged->second.is_open())
            world.history().violated("nothing unaudited",
                                     "an intent is left without an outcome: " + transfer + ", " +
                                         row_of(world, transfer).reason);
    }
    only_where_it_belongs(world);
}

}  // namespace consultd::simulation
