#include "adapter/commands/transfer_view.h"

#include <algorithm>
#include <map>

#include "adapter/disk_room.h"
#include "adapter/stages/deliver/account.h"

namespace consultd::commands {

using fhir::Json;

namespace {

// {"deleted":20,"refused":1}: what the destination answered for what was to be deleted there.
Json counts_of_deletions(std::string_view lines) {
    std::map<std::string, std::int64_t> counts;
    while (!lines.empty()) {
        const std::string_view line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        if (const Result<Json> one = Json::parse(std::string(line)))
            ++counts[std::string((*one)["outcome"].string())];
    }
    Json json = Json::object({});
    for (const auto& [outcome, count] : counts) json = json.with(outcome, Json(count));
    return json;
}

// Of what was sent and is not called delivered: how many of its entries were found there.
std::optional<Json> found_there(const Transfer& transfer, Store& store,
                                const crypto::Sealer& sealer) {
    if (!transfer.sent || was_delivered(transfer)) return std::nullopt;
    const Result<std::string> text = open_part(store, sealer, transfer.id, Part::Account);
    if (!text) return std::nullopt;
    const Result<Account> account = Account::parse(*text);
    if (!account || !account->is_any_located()) return std::nullopt;
    const auto there = std::ranges::count_if(account->entries, &AccountEntry::is_part_there);
    return Json::object({{"entries", Json(std::int64_t{there})},
                         {"of", Json(static_cast<std::int64_t>(account->entries.size()))}});
}

// What is to be told of a pull that brought nothing to make a packet of; what waits for its
// patient's choice is theirs to see first.
bool are_gaps_told(const Transfer& transfer) {
    return transfer.prepared || transfer.reason == "not-handed-over" ||
           transfer.reason == "forbidden" || transfer.reason == "no-records";
}

bool is_in_part(const Transfer& transfer) {
    return transfer.reason == "not-all-taken" || transfer.reason == "withdrawn-in-part";
}

}  // namespace

Json transfer_json(const Transfer& transfer, Store& store, const crypto::Sealer& sealer) {
    const auto number = [](std::uint64_t value) { return Json(static_cast<std::int64_t>(value)); };
    Json gaps = Json::array(std::vector<Json>{});
    if (are_gaps_told(transfer)) {
        if (const Result<std::string> text = open_part(store, sealer, transfer.id, Part::Gaps))
            if (Result<Json> parsed = Json::parse(*text)) gaps = std::move(*parsed);
    }
    // In a state that does not say so any more: withdrawn, or held for its opinion.
    const bool is_past = !is_delivered(transfer.state) && was_delivered(transfer);
    Json json = Json::object({{"transfer", transfer.id},
                              {"state", name_of(transfer.state)},
                              {"complete", Json(transfer.complete)},
                              {"gaps", gaps},
                              {"counts", Json::object({{"pulled", number(transfer.pulled)},
                                                       // Before, it is what the packet holds.
                                                       {is_delivered(transfer.state) ? "delivered"
                                                        : is_past ? "wereDelivered"
                                                                  : "prepared",
                                                        number(transfer.delivered)},
                                                       {"merged", number(transfer.merged)},
                                                       {"withheld", number(transfer.withheld)},
                                                       {"rejected", number(transfer.rejected)}})},
                              {"source", transfer.source},
                              {"destination", transfer.destination},
                              {"created", format_instant(transfer.created)},
                              {"updated", format_instant(transfer.updated)}});
    if (!transfer.reason.empty()) json = json.with("reason", transfer.reason);
    if (transfer.sent)
        if (const Result<std::string> text = open_part(store, sealer, transfer.id, Part::Refusals))
            if (Result<Json> refused = Json::parse(*text)) json = json.with("notTaken", *refused);
    if (std::optional<Json> there = found_there(transfer, store, sealer))
        json = json.with("there", *std::move(there));
    if (transfer.reason == "in-another-chart")
        if (const Result<std::string> text = open_part(store, sealer, transfer.id, Part::Delivery))
            if (Result<Json> known = Json::parse(*text)) json = json.with("otherChart", *known);
    if (is_delivered(transfer.state) || is_past)
        if (const Result<std::string> text = open_part(store, sealer, transfer.id, Part::Delivery))
            if (Result<Json> way = Json::parse(*text)) json = json.with("delivery", *way);
    if (const Result<std::string> text = open_part(store, sealer, transfer.id, Part::Deletions))
        json = json.with("deletions", counts_of_deletions(*text));
    if (transfer.reason == "sent-before")
        if (const Result<std::string> text =
                open_part(store, sealer, transfer.id, Part::SentBefore))
            if (Result<Json> known = Json::parse(*text)) json = json.with("sentBefore", *known);
    if (!transfer.peer_side.empty())
        json = json.with("peer", Json::object({{"side", transfer.peer_side},
                                               {"name", peer_key(transfer)},
                                               {"address", transfer.peer_address}}));
    if (transfer.withdrawal_asked)
        json = json.with("withdrawalAsked", format_instant(*transfer.withdrawal_asked));
    if (!transfer.destination_task.empty())
        json = json.with("destinationTask", transfer.destination_task);
    if (!transfer.remote_status.empty()) json = json.with("remoteStatus", transfer.remote_status);
    return json;
}

std::string transfer_line(const Transfer& transfer) {
    std::string line = transfer.id + "  " + std::string(name_of(transfer.state));
    if (!transfer.reason.empty()) line += " (" + why(transfer) + ")";
    if (transfer.withdrawal_asked && !is_terminal(transfer.state)) line += " (to be withdrawn)";
    line += "  " + transfer.source + " -> " + transfer.destination;
    if (transfer.prepared)
        line += "  " + std::to_string(transfer.pulled) + " pulled, " +
                std::to_string(transfer.delivered) +
                (is_delivered(transfer.state) ? " delivered, "
                 : was_delivered(transfer)    ? " were delivered, "
                 : is_in_part(transfer)       ? " in the packet (a part of it is there), "
                                              : " in the packet, ") +
                std::to_string(transfer.merged) + " merged, " + std::to_string(transfer.withheld) +
                " withheld, " + std::to_string(transfer.rejected) + " rejected";
    return line + "  " + format_date_time(transfer.updated);
}

std::string told_of_room(const config::Config& config) {
    const SystemClock clock;
    if (!DiskRoom(config.state.directory, clock).is_full()) return {};
    return "no room: the disk of the state is full; nothing is begun until it has room, and goes "
           "on by itself then";
}

}  // namespace consultd::commands
