// audit disclosures: the accounting that a patient may ask for: what left, when, to whom, of what
// kind, for what purpose (45 CFR 164.528(b)(2),
// https://www.ecfr.gov/current/title-45/section-164.528). The log knows patients by a keyed hash,
// so it takes the state keys to ask for one.
#include <sysexits.h>

#include <algorithm>
#include <map>
#include <set>

#include "adapter/actor.h"
#include "adapter/audit/event_reader.h"
#include "adapter/commands/log_place.h"
#include "adapter/commands/report.h"
#include "adapter/order.h"
#include "fhir/reference.h"

namespace consultd::commands {
namespace {

using fhir::Json;
using fhir::JsonView;

// An answer to a person: that it is empty proves nothing of who is called otherwise.
constexpr std::string_view nobody_by_that_name =
    "no disclosure in the log names a patient so. It knows a patient by the id at the source, and "
    "by "
    "an identifier only while no more than that was known: ask by the id at each source\n";

// What the log says of one transfer.
struct Account {
    bool is_the_patients = false;
    std::string asked_by;
    std::optional<Json> intent, outcome;
};

// The patient's names at each source: an order may have named them by an identifier.
Result<std::set<std::string>> pseudonyms_of(const std::string& patient,
                                            const config::Config& config) {
    SystemRandom random;
    TRY_ASSIGN(const crypto::Sealer sealer, read_state_keys(config, random));
    const fhir::Reference name = fhir::Reference::parse(patient);
    std::set<std::string> pseudonyms;
    const auto add = [&](const std::string& key, const fhir::Url& base) {
        const bool is_reference =
            name.type == "Patient" && (name.form == fhir::Reference::Form::Relative ||
                                       name.base == fhir::endpoint_identity(base));
        pseudonyms.insert(
            patient_pseudonym(sealer, key, is_reference ? std::string(name.id) : patient));
    };
    for (const auto& [key, source] : config.sources) add(key, source.fhir_base_url);
    for (const auto& [list, directory] : config.directories)
        for (const auto& [key, at] : *directory.endpoints)
            add(key, directory.brands->endpoints[at].base);
    return pseudonyms;
}

std::string kinds_in(const audit::Disclosure& disclosure) {
    std::string kinds;
    for (const auto& [type, count] : disclosure.resource_counts)
        kinds += (kinds.empty() ? "" : ", ") + std::to_string(count) + " " + type;
    return kinds;
}

// Absent: nothing is there, as the destination said.
std::optional<Json> row_of(const std::string& transfer, const Account& account) {
    if (!account.intent) return std::nullopt;
    const auto outcome = account.outcome ? audit::outcome_in(*account.outcome) : std::nullopt;
    const bool is_there =
        outcome && (outcome == audit::DisclosureOutcome::Sent || audit::is_open(*outcome));
    if (account.outcome && !is_there) return std::nullopt;
    const audit::Disclosure said = audit::disclosure_in(*account.intent);
    const JsonView event = account.outcome ? *account.outcome : *account.intent;
    Json row = Json::object({{"date", event["recorded"].string()},
                             {"recipient", said.destination_name},
                             {"address", said.destination_base_url},
                             {"description", kinds_in(said)},
                             {"withheld", Json(static_cast<std::int64_t>(said.withheld))},
                             {"purpose", said.purpose},
                             {"source", said.source_name},
                             {"transfer", transfer},
                             {"outcome", outcome ? event["outcomeDesc"].string() : "unknown"}});
    return account.asked_by.empty() ? row : row.with("by", account.asked_by);
}

std::string_view became(std::string_view outcome) {
    if (outcome == "sent") return "";
    if (outcome == "in-another-chart") return "  it lies in the chart of another person there";
    if (outcome == "in-part") return "  a part of it is there";
    return "  it is not known yet whether it arrived";
}

std::string line_of(const Json& row) {
    const auto text = [&](std::string_view name) { return std::string(row[name].string()); };
    return text("date") + "  to " + text("recipient") + " (" + text("address") + ")  from " +
           text("source") + "  for " + text("purpose") + std::string(became(text("outcome"))) +
           "\n  " + text("description") + "; " + std::string(row["withheld"].number()) +
           " withheld\n  transfer " + text("transfer") +
           (row.has("by") ? ", asked for by " + text("by") : "") + "\n";
}

void add(Account& account, const Json& event, const std::set<std::string>& pseudonyms) {
    const JsonView patient = audit::entity_of(event, "urn:consultd:patient-pseudonym");
    if (pseudonyms.contains(std::string(patient.at("what", "identifier", "value").string())))
        account.is_the_patients = true;
    if (audit::has_own_subtype(event, "disclosure-intent")) {
        account.intent = event;
        account.outcome.reset();
    }
    if (audit::has_own_subtype(event, "disclosure-outcome")) account.outcome = event;
    const JsonView by = audit::requestor_of(event);
    if (audit::act_in(event) == audit::Act::What::Order)
        account.asked_by = Actor::of(by["system"].string(), by["value"].string()).words();
}

}  // namespace

int audit_disclosures(const AuditOptions& options) {
    const FoundLog log = find_log(options, "audit disclosures");
    if (!log.place) return log.exit_code;
    const auto pseudonyms = pseudonyms_of(options.patient, *log.place->config);
    if (!pseudonyms) return fail("audit disclosures", pseudonyms.error());
    std::map<std::string, Account> accounts;
    const int code =
        visit_log(*log.place, "audit disclosures", [&](std::uint64_t, const Json& event) {
            if (const std::string_view transfer = audit::transfer_of(event); !transfer.empty())
                add(accounts[std::string(transfer)], event, *pseudonyms);
        });
    if (code != EX_OK) return code;
    std::vector<Json> rows;
    for (const auto& [transfer, account] : accounts)
        if (account.is_the_patients)
            if (std::optional<Json> row = row_of(transfer, account))
                rows.push_back(*std::move(row));
    std::ranges::sort(rows, {}, [](const Json& row) { return row["date"].string(); });
    std::string lines(rows.empty() ? nobody_by_that_name : "");
    for (const Json& row : rows) lines += line_of(row);
    print_result(options.json ? Json::array(std::move(rows)).print() + "\n" : lines);
    return EX_OK;
}

}  // namespace consultd::commands
