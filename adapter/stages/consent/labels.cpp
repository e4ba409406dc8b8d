#include "adapter/stages/consent/labels.h"

#include <algorithm>
#include <set>

namespace consultd::consent {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr std::string_view act_code = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
constexpr std::string_view confidentiality =
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

bool is_labelled(JsonView labels, std::string_view system, std::string_view code) {
    return std::ranges::any_of(labels.items(), [&](JsonView label) {
        return label["system"].string() == system &&
               (code.empty() || label["code"].string() == code);
    });
}

}  // namespace

Json with_labels(const Json& resource, const Sensitivity::Signs& betrays, bool is_of_programme) {
    const Json given_meta = resource.get("meta");
    const Json meta = given_meta.is_object() ? given_meta : Json::object({});
    const Json given = meta.get("security");
    const bool is_under_law = is_of_programme || is_labelled(given, act_code, "42CFRPart2");
    if (betrays.empty() && !is_under_law) return resource;
    std::vector<Json> labels;
    for (const JsonView label : given.items()) labels.push_back(given.share(label));
    const std::size_t before = labels.size();
    std::set<std::string_view> matters;
    bool is_restricted = is_under_law;
    if (is_under_law) matters.insert({"42CFRPart2", "NORDSCLCD"});
    for (const Sensitivity::Sign& sign : betrays) {
        matters.insert(sign.row->label);
        is_restricted |= sign.level != Sensitivity::Level::Possible;
    }
    if (is_restricted && !is_labelled(given, confidentiality, {}))
        labels.push_back(Json::object({{"system", confidentiality}, {"code", "R"}}));
    for (const std::string_view code : matters)
        if (!is_labelled(given, act_code, code))
            labels.push_back(Json::object({{"system", act_code}, {"code", code}}));
    if (labels.size() == before) return resource;
    return resource.with("meta", meta.with("security", Json::array(std::move(labels))));
}

}  // namespace consultd::consent
