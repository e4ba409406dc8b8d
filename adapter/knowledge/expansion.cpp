#include "adapter/knowledge/expansion.h"

#include <algorithm>

namespace consultd {

using fhir::Json;
using fhir::JsonView;

bool needs_expansion(JsonView value_set) {
    if (value_set["resourceType"].string() != "ValueSet" || value_set.has("expansion"))
        return false;
    const JsonView compose = value_set["compose"];
    const auto lists = [](JsonView one) {
        return one.has("concept") && !one.has("filter") && !one.has("valueSet");
    };
    return compose["include"].size() == 0 ||
           !std::ranges::all_of(compose["include"].items(), lists) ||
           !std::ranges::all_of(compose["exclude"].items(), lists);
}

Json Expansion::request(const Json& value_set) const {
    const auto number = [](const char* name, std::size_t value) {
        return Json::object(
            {{"name", name}, {"valueInteger", Json(static_cast<std::int64_t>(value))}});
    };
    return Json::object(
        {{"resourceType", "Parameters"},
         {"parameter", Json::array({Json::object({{"name", "valueSet"}, {"resource", value_set}}),
                                    number("offset", taken_), number("count", page_size)})}});
}

Result<bool> Expansion::take_page(JsonView answer) {
    const JsonView expansion = answer["expansion"];
    if (answer["resourceType"].string() != "ValueSet" || !expansion.is_object())
        return Error(ErrorKind::Malformed, "the terminology server gave no expansion");
    const std::size_t before = codes_.size();
    const std::size_t came = add(expansion["contains"]);
    taken_ += came;
    if (codes_.size() > codes_max) return Error(ErrorKind::TooLarge, "the expansion is too large");
    // Without a total there is no telling but by a page that is not full.
    const auto total = expansion["total"].integer();
    const std::size_t whole = total && *total > 0 ? static_cast<std::size_t>(*total) : 0;
    if (whole > 0 ? taken_ >= whole : came < page_size) return true;
    if (codes_.size() == before)  // the end, or one page again and again
        return Error(ErrorKind::Malformed, "the terminology server gave a part of the expansion");
    return false;
}

std::size_t Expansion::add(JsonView contains) {
    std::size_t count = 0;
    for (const JsonView one : contains.items()) {
        ++count;
        if (one.has("code")) codes_.emplace(one["system"].string(), one["code"].string());
        count += add(one["contains"]);
    }
    return count;
}

Json Expansion::expanded(const Json& value_set, std::string_view timestamp) const {
    std::vector<Json> contains;
    contains.reserve(codes_.size());
    for (const auto& [system, code] : codes_)
        contains.push_back(Json::object({{"system", system}, {"code", code}}));
    return value_set.with("expansion",
                          Json::object({{"timestamp", timestamp},
                                        {"total", Json(static_cast<std::int64_t>(codes_.size()))},
                                        {"contains", Json::array(std::move(contains))}}));
}

std::string Expansion::codes_text() const {
    std::string text;
    for (const auto& [system, code] : codes_) text += system + "|" + code + "\n";
    return text;
}

}  // namespace consultd
