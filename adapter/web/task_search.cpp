#include "adapter/web/task_search.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "adapter/web/query.h"
#include "fhir/json.h"

namespace consultd::web {
namespace {

using fhir::Json;

constexpr std::string_view page_name = "_page";
constexpr std::string_view seal_context = "page of a Task search";

Error invalid(StaticText text) { return Error(ErrorKind::Malformed, text); }

Result<std::size_t> read_count(std::string_view text) {
    if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos)
        return invalid("_count must be a number");
    text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
    if (text.size() > 9) return TaskSearch::count_most;
    std::size_t count = 0;
    for (const char digit : text) count = count * 10 + static_cast<std::size_t>(digit - '0');
    return std::min(count, TaskSearch::count_most);
}

// Task.status of R4, several with commas. A word that is none was meant for another one.
bool are_statuses(std::string_view codes) {
    constexpr std::array<std::string_view, 12> known{
        "draft",     "requested",   "received", "accepted", "rejected",  "ready",
        "cancelled", "in-progress", "on-hold",  "failed",   "completed", "entered-in-error"};
    while (true) {
        const std::string_view code = codes.substr(0, codes.find(','));
        if (std::ranges::find(known, code) == known.end()) return false;
        if (code.size() == codes.size()) return true;
        codes.remove_prefix(code.size() + 1);
    }
}

Result<TaskSearch> read_page(std::string_view word, const crypto::Sealer& sealer) {
    const Error foreign = invalid("the page is not one of ours");
    const auto sealed = crypto::from_base64url(word);
    if (!sealed) return foreign;
    const Result<std::string> text = sealer.open(*sealed, seal_context);
    if (!text) return foreign;
    const Result<Json> json = Json::parse(*text);
    if (!json) return foreign;
    TaskSearch search;
    search.status = (*json)["status"].string();
    search.patient = (*json)["patient"].string();
    search.after = (*json)["after"].string();
    search.count = static_cast<std::size_t>((*json)["count"].integer().value_or(0));
    return search;
}

}  // namespace

Result<TaskSearch> TaskSearch::read(std::string_view query, const crypto::Sealer& sealer) {
    TaskSearch search;
    std::set<std::string_view> seen;
    const std::optional<Query> pairs = read_query(query);
    if (!pairs) return invalid("a bad escape in the query");
    for (const auto& [name, value] : *pairs) {
        if (name == "_format" || name == "_pretty") continue;
        // A status, an id, a reference, a count.
        if (!std::ranges::all_of(value, [](char c) { return c > 0x20 && c < 0x7f; }))
            return invalid("a character that no parameter here has");
        if (name == page_name) return read_page(value, sealer);
        // https://hl7.org/fhir/R4/search.html#combining: both are meant, and no Task has two.
        if (name != "_count" && !seen.insert(name).second)
            return invalid("a parameter that is given twice");
        if (name == "status") {
            if (!are_statuses(value)) return invalid("a status that no Task has");
            search.status = value;
        } else if (name == "patient") {
            search.patient = value;
        } else if (name == "_count") {
            TRY_ASSIGN(search.count, read_count(value));
        } else {
            // What it, or a modifier, narrows, nobody may be given in full.
            return invalid("Tasks are searched by status, patient and _count");
        }
    }
    return search;
}

std::string TaskSearch::link(const crypto::Sealer& sealer) const {
    const Json json = Json::object({{"status", status},
                                    {"patient", patient},
                                    {"after", after},
                                    {"count", Json(static_cast<std::int64_t>(count))}});
    return std::string(page_name) + "=" +
           crypto::base64url(sealer.seal(json.print(), seal_context));
}

}  // namespace consultd::web
