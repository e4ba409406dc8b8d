#include "fhir/bundle.h"

#include <array>

namespace consultd::fhir {
namespace {

constexpr std::array<std::pair<std::string_view, BundleType>, 9> type_names{{
    {"searchset", BundleType::Searchset},
    {"collection", BundleType::Collection},
    {"document", BundleType::Document},
    {"transaction", BundleType::Transaction},
    {"transaction-response", BundleType::TransactionResponse},
    {"batch", BundleType::Batch},
    {"batch-response", BundleType::BatchResponse},
    {"message", BundleType::Message},
    {"history", BundleType::History},
}};

}  // namespace

Result<Bundle> Bundle::parse(Json json) {
    if (json["resourceType"].string() != "Bundle")
        return Error(ErrorKind::Malformed, "a Bundle is expected");
    Bundle bundle;
    bool known = false;
    for (const auto& [name, type] : type_names) {
        if (json["type"].string() != name) continue;
        bundle.type_ = type;
        known = true;
    }
    if (!known) return Error(ErrorKind::Malformed, "the Bundle's type is missing or not one of R4");
    const JsonView entries = json["entry"];
    if (!entries.is_null() && !entries.is_array())
        return Error(ErrorKind::Malformed, "Bundle.entry is not an array");
    for (const JsonView& entry : entries.items()) {
        if (!entry.is_object())
            return Error(ErrorKind::Malformed, "an entry of the Bundle is not an object");
        bundle.entries_.push_back(
            {.full_url = std::string(entry["fullUrl"].string()),
             .resource = json.share(entry["resource"]),
             .search_mode = std::string(entry.at("search", "mode").string()),
             .response_status = std::string(entry.at("response", "status").string()),
             .response_location = std::string(entry.at("response", "location").string())});
    }
    bundle.json_ = std::move(json);
    return bundle;
}

Result<Bundle> Bundle::parse(Json json, BundleType expected) {
    TRY_ASSIGN(Bundle bundle, parse(std::move(json)));
    if (bundle.type_ != expected)
        return Error(ErrorKind::Malformed, "a Bundle of another type is expected");
    return bundle;
}

std::optional<std::string> Bundle::link(std::string_view relation) const {
    for (const JsonView& link : json_["link"].items())
        if (link["relation"].string() == relation && !link["url"].string().empty())
            return std::string(link["url"].string());
    return std::nullopt;
}

std::optional<std::int64_t> Bundle::total() const { return json_["total"].integer(); }

}  // namespace consultd::fhir
