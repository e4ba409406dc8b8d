#include "fhir/r4/as_text.h"

#include <algorithm>
#include <string>
#include <vector>

namespace consultd::fhir::r4 {
namespace {

constexpr std::size_t characters_max = 1 << 20;
constexpr std::string_view absent_url =
    "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
constexpr std::string_view original_url = "http://hl7.org/fhir/StructureDefinition/originalText";

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    });
}

// Blanks alone, and what a string of R4 may not hold, are told in JSON's own spelling.
std::string text_of(JsonView value) {
    if (value.is_null() || (value.is_string() && value.string().empty())) return {};
    if (value.is_number()) return std::string(value.number());
    const bool is_plain =
        value.is_string() && !is_blank(value.string()) && !has_control(value.string());
    return is_plain ? std::string(value.string()) : value.print();
}

Json absent(std::string_view reason) {
    return Json::object({{"url", absent_url}, {"valueCode", reason}});
}

}  // namespace

Json original_text(JsonView value) {
    const std::string text = text_of(value);
    if (text.empty() || text.size() > characters_max) return {};
    return Json::object({{"url", original_url}, {"valueString", text}});
}

Json as_text(const Json& beside, JsonView value) {
    const Json original = original_text(value);
    if (original.is_null()) return beside;
    std::vector<Json> extensions;
    for (const JsonView one : beside["extension"].items())
        if (one["url"].string() != absent_url) extensions.push_back(beside.share(one));
    extensions.push_back(absent("as-text"));
    extensions.push_back(original);
    const Json all = Json::array(std::move(extensions));
    return beside.is_object() ? beside.with("extension", all) : Json::object({{"extension", all}});
}

Json absent_unknown() { return Json::object({{"extension", Json::array({absent("unknown")})}}); }

}  // namespace consultd::fhir::r4
