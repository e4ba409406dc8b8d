#include "adapter/steps/delivered.h"

#include <algorithm>

#include "adapter/ledger.h"

namespace consultd::steps {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
    return all;
}

// What the log says, as `status` and the ledger tell it.
enum class Said { Word, Number, Places };
struct Telling {
    std::string_view in_log, name;
    Said said;
};
constexpr Telling tellings[] = {{"way", "way", Said::Word},
                                {"requests", "requests", Said::Number},
                                {"entries-read", "entriesRead", Said::Number},
                                {"entries-put", "entriesPut", Said::Number},
                                {"answers-lost", "answersLost", Said::Number},
                                {"also-there", "alsoThere", Said::Places}};

fhir::Json places_in(std::string_view words) {
    std::vector<fhir::Json> places;
    for (std::size_t begin = 0; begin < words.size();) {
        const std::size_t end = std::min(words.find(' ', begin), words.size());
        places.emplace_back(words.substr(begin, end - begin));
        begin = end + 1;
    }
    return fhir::Json::array(std::move(places));
}

fhir::Json delivery_of(const audit::Details& evidence) {
    fhir::Json delivery = fhir::Json::object({});
    for (const auto& [in_log, name, said] : tellings)
        for (const auto& [what, value] : evidence)
            if (what == in_log)
                delivery = delivery.with(name, said == Said::Places   ? places_in(value)
                                               : said == Said::Number ? fhir::Json::number(value)
                                                                      : fhir::Json(value));
    return delivery;
}

// The ledger ends with which way all of it went; absent where the record is gone by now.
Result<std::optional<std::string>> ledger_with(const Context& context, const fhir::Json& delivery) {
    TRY_ASSIGN(const bool is_kept, context.parts.has(Part::Ledger));
    if (!is_kept) return std::optional<std::string>();
    TRY_ASSIGN(std::string ledger, context.parts.open(Part::Ledger));
    ledger += delivery_line(delivery);
    return std::optional(std::move(ledger));
}

}  // namespace

audit::Details evidence_of(const Account& account, const std::vector<std::string>& doubled) {
    audit::Details words{{"way", account.way()},
                         {"requests", std::to_string(account.requests_that_brought_it())},
                         {"entries-read", std::to_string(account.entries.size())}};
    if (account.entries_put() != 0)
        words.emplace_back("entries-put", std::to_string(account.entries_put()));
    if (account.lost != 0) words.emplace_back("answers-lost", std::to_string(account.lost));
    if (!doubled.empty()) words.emplace_back("also-there", joined(doubled));
    return words;
}

Result<Outcome> delivered(const Context& context, Transfer transfer, const ReadBack& there,
                          const audit::Details& evidence) {
    transfer.destination_task = there.task;
    transfer.remote_status = known_task_status(there.status);
    transfer.due = context.due_in(context.destination_config().follow.every);
    context.settling.forget(transfer.id);
    const fhir::Json delivery = delivery_of(evidence);
    if (const std::size_t doubled = delivery["alsoThere"].items().size(); doubled != 0) {
        // Told, and never ours to delete.
        context.log.error("delivered-twice-there", {{"transfer", OwnId(transfer.id)},
                                                    {"more", static_cast<std::uint64_t>(doubled)}});
        set_reason(transfer, "doubled-there", &context.destination());
        context.destination().learn([](Learnt& learnt) { learnt.honours_conditions = false; },
                                    "doubled-there");
    }
    TRY_ASSIGN(std::optional<std::string> ledger, ledger_with(context, delivery));
    // If we die before this: the outcome is found in the log, the read-back says the same.
    Outcome outcome = to(TransferState::Delivered, std::move(transfer))
                          .after(Sent{.task = there.task, .evidence = evidence})
                          .with(Part::Delivery, delivery.print())
                          .crash_point("pipeline.delivered");
    if (ledger) outcome.parts.push_back({Part::Ledger, *std::move(ledger)});
    return outcome;
}

}  // namespace consultd::steps
