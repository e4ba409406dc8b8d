#include "adapter/stages/reading/stops.h"

#include <map>

#include "adapter/html/date_text.h"
#include "adapter/stages/reading/whole_words.h"
#include "fhir/datetime.h"

namespace consultd {
namespace {

using fhir::Datetime;
using fhir::JsonView;

bool is_said_of_use(const Statement& one) {
    const std::string_view type = one.record->resource.type();
    return type == "MedicationRequest" || type == "MedicationStatement";
}

// By what two entries are of the same medicine: a code that both have, or the same name.
std::vector<std::string> keys_of(const Statement& one, const PacketIndex& index) {
    std::vector<std::string> keys;
    const Choice medication = choice_of(one.record->resource.json(), "medication");
    const JsonView code = medication.type == "Reference"
                              ? index.resolve(medication.value, one.record->resource.json())["code"]
                              : medication.value;
    for (const JsonView& coding : code["coding"].items())
        if (!coding["system"].string().empty() && !coding["code"].string().empty())
            keys.push_back(std::string(coding["system"].string()) + '|' +
                           std::string(coding["code"].string()));
    if (!one.what.empty()) keys.push_back(lower(one.what));
    return keys;
}

// The last day that an entry speaks of.
std::string_view newest_date(const Statement& one) {
    std::string_view newest = one.when.doubt == When::Doubt::None ? one.when.date : "";
    for (const std::string_view name : {"authoredOn", "dateAsserted"}) {
        const std::string_view written = readable_date(one.record->resource[name].string());
        const auto date = Datetime::parse(written), before = Datetime::parse(newest);
        if (date && !is_placeholder(written) && (!before || date->earliest() > before->earliest()))
            newest = written;
    }
    return newest;
}

struct Stop {
    const Statement* statement;
    Instant from;  // the first instant that it can mean
    std::string_view date;
};

std::optional<Stop> stop_of(const Statement& one) {
    const bool has_end = one.standing == Standing::Over && !one.when.until.empty();
    if (one.standing != Standing::Stopped && !has_end) return std::nullopt;
    const std::string_view date = one.when.until.empty() ? newest_date(one) : one.when.until;
    const auto day = Datetime::parse(date);
    if (!day) return std::nullopt;
    return Stop{&one, day->earliest(), date};
}

}  // namespace

void end_what_was_stopped(std::vector<Statement>& statements, const PacketIndex& index) {
    std::map<std::string, Stop> last_stop;
    for (const Statement& one : statements) {
        if (!is_said_of_use(one)) continue;
        const std::optional<Stop> stop = stop_of(one);
        if (!stop) continue;
        for (const std::string& key : keys_of(one, index)) {
            const auto [known, is_new] = last_stop.try_emplace(key, *stop);
            if (!is_new && stop->from > known->second.from) known->second = *stop;
        }
    }
    if (last_stop.empty()) return;
    for (Statement& one : statements) {
        if (!is_said_of_use(one) || !one.places().now) continue;
        const auto said = Datetime::parse(newest_date(one));
        for (const std::string& key : keys_of(one, index)) {
            const auto found = last_stop.find(key);
            if (!said || found == last_stop.end() || found->second.from < said->latest()) continue;
            one.add(
                {Standing::Over, "stopped " + date_text(found->second.date) + " by a later entry"});
            one.reason = found->second.statement->reason;
            break;
        }
    }
}

}  // namespace consultd
