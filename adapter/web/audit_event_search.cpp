#include "adapter/web/audit_event_search.h"

#include <algorithm>
#include <optional>

#include "adapter/web/query.h"
#include "fhir/datetime.h"
#include "fhir/json.h"

namespace consultd::web {
namespace {

using fhir::Json;

constexpr std::string_view page_name = "_page";
constexpr std::string_view seal_context = "page of an AuditEvent search";

Error invalid(StaticText text) { return Error(ErrorKind::Malformed, text); }

// Without its prefix; absent: no date, or a prefix that is not known.
struct DateTest {
    std::string_view prefix;
    fhir::Datetime date;
};
std::optional<DateTest> date_test(std::string_view text) {
    std::string_view prefix = "eq";
    for (const std::string_view known : {"eq", "ne", "gt", "ge", "lt", "le"})
        if (text.starts_with(known)) {
            prefix = known;
            text.remove_prefix(2);
            break;
        }
    const std::optional<fhir::Datetime> date = fhir::Datetime::parse(text);
    if (!date) return std::nullopt;
    return DateTest{prefix, *date};
}

bool holds(const DateTest& test, Instant recorded) {
    const Instant from = test.date.earliest(), to = test.date.latest();
    if (test.prefix == "ge") return recorded >= from;
    if (test.prefix == "gt") return recorded >= to;
    if (test.prefix == "le") return recorded < to;
    if (test.prefix == "lt") return recorded < from;
    const bool is_within = recorded >= from && recorded < to;
    return test.prefix == "ne" ? !is_within : is_within;
}

Result<std::size_t> read_count(std::string_view text) {
    if (text.empty() || text.size() > 9 ||
        text.find_first_not_of("0123456789") != std::string_view::npos)
        return invalid("_count must be a number");
    return std::min<std::size_t>(std::stoul(std::string(text)), AuditEventSearch::count_most);
}

Result<AuditEventSearch> read_page(std::string_view word, const crypto::Sealer& sealer) {
    const Error foreign = invalid("the page is not one of ours");
    const auto sealed = crypto::from_base64url(word);
    if (!sealed) return foreign;
    const Result<std::string> text = sealer.open(*sealed, seal_context);
    if (!text) return foreign;
    const Result<Json> json = Json::parse(*text);
    if (!json) return foreign;
    AuditEventSearch search;
    search.patient = (*json)["patient"].string();
    for (const fhir::JsonView date : (*json)["dates"].items())
        search.dates.emplace_back(date.string());
    search.count = static_cast<std::size_t>((*json)["count"].integer().value_or(0));
    search.begin = static_cast<std::uint64_t>((*json)["begin"].integer().value_or(0));
    return search;
}

}  // namespace

Result<AuditEventSearch> AuditEventSearch::read(std::string_view query,
                                                const crypto::Sealer& sealer) {
    AuditEventSearch search;
    const std::optional<Query> pairs = read_query(query);
    if (!pairs) return invalid("a bad escape in the query");
    for (const auto& [name, value] : *pairs) {
        if (name == "_format" || name == "_pretty") continue;
        if (name == page_name) return read_page(value, sealer);
        if (name == "patient" && !value.empty()) {
            search.patient = value;
        } else if (name == "date") {
            if (!date_test(value)) return invalid("a date that is none");
            search.dates.push_back(value);
        } else if (name == "_count") {
            TRY_ASSIGN(search.count, read_count(value));
        } else {
            return invalid("AuditEvents are searched by patient, date and _count");
        }
    }
    return search;
}

std::string AuditEventSearch::link(const crypto::Sealer& sealer) const {
    std::vector<Json> all;
    for (const std::string& date : dates) all.emplace_back(date);
    const Json json = Json::object({{"patient", patient},
                                    {"dates", Json::array(std::move(all))},
                                    {"count", Json(static_cast<std::int64_t>(count))},
                                    {"begin", Json(static_cast<std::int64_t>(begin))}});
    return std::string(page_name) + "=" +
           crypto::base64url(sealer.seal(json.print(), seal_context));
}

bool AuditEventSearch::covers(Instant recorded) const {
    return std::ranges::all_of(dates, [&](const std::string& text) {
        const std::optional<DateTest> test = date_test(text);
        return test && holds(*test, recorded);
    });
}

}  // namespace consultd::web
