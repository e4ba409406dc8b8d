#include "fhir/bundle.h"

#include <algorithm>

namespace consultd::fhir {
namespace {

struct TypeName {
    BundleType type;
    std::string_view name;
};
constexpr TypeName type_names[] = {
    {BundleType::Searchset, "searchset"},
    {BundleType::Collection, "collection"},
    {BundleType::Document, "document"},
    {BundleType::Transaction, "transaction"},
    {BundleType::TransactionResponse, "transaction-response"},
    {BundleType::Batch, "batch"},
    {BundleType::BatchResponse, "batch-response"},
    {BundleType::Message, "message"},
    {BundleType::History, "history"},
};

std::optional<BundleType> type_from(std::string_view name) {
    for (const TypeName& row : type_names)
        if (row.name == name) return row.type;
    return std::nullopt;
}

// Absent, or of this kind. A page whose parts are of other kinds is not read in part: what is
// missing would go unseen.
bool is_if_present(JsonView value, JsonView::Kind kind) {
    return value.is_null() || value.kind() == kind;
}

Result<BundleEntry> entry_from(const Json& page, JsonView json) {
    using Kind = JsonView::Kind;
    const JsonView mode = json.at("search", "mode");
    const JsonView status = json.at("response", "status");
    const JsonView location = json.at("response", "location");
    if (!json.is_object() || !is_if_present(json["resource"], Kind::Object) ||
        !is_if_present(json["fullUrl"], Kind::String) || !is_if_present(mode, Kind::String) ||
        !is_if_present(status, Kind::String) || !is_if_present(location, Kind::String))
        return Error(ErrorKind::Malformed, "Bundle has an entry with an element of a wrong kind");
    BundleEntry entry;
    entry.full_url = json["fullUrl"].string();
    entry.resource = page.share(json["resource"]);
    entry.search_mode = mode.string();
    entry.response_status = status.string();
    entry.response_location = location.string();
    return entry;
}

// A `next` that cannot be followed must not look like the last page.
bool has_readable_links(JsonView links) {
    if (!is_if_present(links, JsonView::Kind::Array)) return false;
    for (const JsonView& link : links.items())
        if (link["relation"].string().empty() || link["url"].string().empty()) return false;
    return true;
}

}  // namespace

Result<Bundle> Bundle::parse(Json json) {
    if (json["resourceType"].string() != "Bundle")
        return Error(ErrorKind::Malformed, "not a Bundle");
    const std::optional<BundleType> type = type_from(json["type"].string());
    if (!type) return Error(ErrorKind::Malformed, "Bundle has no type of FHIR R4");
    if (!is_if_present(json["entry"], JsonView::Kind::Array))
        return Error(ErrorKind::Malformed, "Bundle.entry is no array");
    if (!has_readable_links(json["link"]))
        return Error(ErrorKind::Malformed, "Bundle has a link without relation or url");
    Bundle bundle;
    bundle.type_ = *type;
    bundle.entries_.reserve(json["entry"].size());
    for (const JsonView& item : json["entry"].items()) {
        TRY_ASSIGN(BundleEntry entry, entry_from(json, item));
        bundle.entries_.push_back(std::move(entry));
    }
    bundle.json_ = std::move(json);
    return bundle;
}

Result<Bundle> Bundle::parse(Json json, BundleType expected) {
    TRY_ASSIGN(Bundle bundle, parse(std::move(json)));
    if (bundle.type() != expected)
        return Error(ErrorKind::Malformed, "Bundle is of another type than was asked for");
    return bundle;
}

std::string_view link_of(JsonView bundle, std::string_view relation) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    for (const JsonView& link : bundle["link"].items())
        if (std::ranges::equal(link["relation"].string(), relation, {}, lower, lower))
            return link["url"].string();
    return {};
}

std::optional<std::string> Bundle::link(std::string_view relation) const {
    const std::string_view url = link_of(json_, relation);
    return url.empty() ? std::nullopt : std::optional(std::string(url));
}

std::optional<std::int64_t> Bundle::total() const {
    const std::optional<std::int64_t> total = json_["total"].integer();
    return total && *total >= 0 ? total : std::nullopt;
}

}  // namespace consultd::fhir
