#include "adapter/stages/intake/older_release.h"

#include <algorithm>
#include <array>
#include <vector>

#include "fhir/r4/elements.h"
#include "fhir/r4/shape.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonMember;
using fhir::JsonView;
using Do = ConversionStep::Do;

// Every member is one of R4's, in every depth: nothing is carried that would be read otherwise.
bool is_known(const fhir::r4::Type& declared, JsonView json) {
    const fhir::r4::Type* type = &declared;
    if (type->kind == fhir::r4::Type::Kind::Resource)
        type = fhir::r4::find_type(json["resourceType"].string());
    if (!type) return false;
    return std::ranges::all_of(json.members(), [&](const JsonMember& member) {
        std::string_view name = member.name();
        if (name == "resourceType") return true;
        if (name.starts_with('_')) name.remove_prefix(1);
        const fhir::r4::Type* const below = type->member(name).type;
        if (!below) return false;
        const auto fits = [&](JsonView value) {
            return !value.is_object() || is_known(*below, value);
        };
        return member.value.is_array() ? std::ranges::all_of(member.value.items(), fits)
                                       : fits(member.value);
    });
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> names_in_r4{
    {{"DeviceUseRequest", "DeviceRequest"},
     {"DiagnosticOrder", "ServiceRequest"},
     {"MedicationOrder", "MedicationRequest"},
     {"ProcedureRequest", "ServiceRequest"},
     {"ReferralRequest", "ServiceRequest"}}};

// Types that have another name in R4 are referred to by it.
Json renamed_references(const Json& json) {
    if (json.is_array()) {
        std::vector<Json> items;
        for (const Json& item : items_of(json)) items.push_back(renamed_references(item));
        return Json::array(std::move(items));
    }
    Json out = json;
    for (const JsonMember& member : json.members()) {
        if (member.value.is_object() || member.value.is_array())
            out = out.with(member.name(), renamed_references(json.share(member.value)));
        if (member.name() != "reference" || !member.value.is_string()) continue;
        for (const auto& [old_name, name] : names_in_r4) {
            const std::string text(member.value.string());
            const std::size_t at = text.rfind(std::string(old_name) + "/");
            if (at == 0 || (at != std::string::npos && text[at - 1] == '/'))
                out = out.with("reference", text.substr(0, at) + std::string(name) +
                                                text.substr(at + old_name.size()));
        }
    }
    return out;
}

// What it claims to be is not what it has become.
Json without_old_profiles(const Json& resource) {
    std::vector<Json> left;
    const Json meta = resource.get("meta");
    for (const Json& profile : items_of(meta.get("profile")))
        if (!profile.string().starts_with("http://hl7.org/fhir/1.0/") &&
            !profile.string().starts_with("http://hl7.org/fhir/3.0/"))
            left.push_back(profile);
    if (left.size() == meta["profile"].size()) return resource;
    const Json cleaned =
        left.empty() ? meta.without("profile") : meta.with("profile", Json::array(std::move(left)));
    return cleaned.size() == 0 ? resource.without("meta") : resource.with("meta", cleaned);
}

// Every step of the type, in order; absent: there is none.
std::optional<Json> stepped(const Json& resource, Release from) {
    const std::string type(resource["resourceType"].string());
    std::optional<Json> out;
    for (const std::span<const ConversionStep> table : conversion_steps(from))
        for (const ConversionStep& step : table) {
            if (step.type != type) continue;
            if (!out) out = resource;
            if (step.what == Do::Type)
                out = out->with("resourceType", step.to);
            else if (step.what != Do::Keep)
                out = done_at(*out, step.at, step);
        }
    if (!out) return std::nullopt;
    for (const ConversionStep& step : steps_of_datatypes(from))
        out = done_everywhere(*out, step.at, step);
    return out;
}

}  // namespace

std::string_view type_in_r4(std::string_view type) {
    for (const auto& [old_name, name] : names_in_r4)
        if (old_name == type) return name;
    return type;
}

std::optional<Json> to_r4(const Json& resource, Release from) {
    std::optional<Json> out = stepped(resource, from);
    if (out && from == Release::Dstu2) out = stepped(*out, Release::Stu3);
    if (!out) return std::nullopt;
    out = fhir::r4::reshaped(renamed_references(without_old_profiles(*out)));
    const fhir::r4::Type* const type = fhir::r4::find_type((*out)["resourceType"].string());
    if (!type || !is_known(*type, *out) || !fhir::r4::misshapen_element(*out).empty())
        return std::nullopt;
    return out;
}

}  // namespace consultd
