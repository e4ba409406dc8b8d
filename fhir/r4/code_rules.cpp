#include "fhir/r4/code_rules.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace consultd::fhir::r4 {
namespace {

struct RawCodeSystem {
    std::string_view uri;
    std::string_view version;
    bool is_fhirs_own;
    bool is_case_sensitive;
    std::string_view codes;  // each between line ends
};

#include "fhir/r4/code_systems_table.inc"

const RawCodeSystem* find_system(std::string_view uri) {
    const auto* const found = std::lower_bound(
        std::begin(raw_code_systems), std::end(raw_code_systems), uri,
        [](const RawCodeSystem& system, std::string_view wanted) { return system.uri < wanted; });
    return found != std::end(raw_code_systems) && found->uri == uri ? found : nullptr;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool has_in_other_letters(std::string_view codes, std::string_view code) {
    while (!codes.empty()) {
        codes.remove_prefix(1);
        const std::string_view one = codes.substr(0, codes.find('\n'));
        if (std::equal(one.begin(), one.end(), code.begin(), code.end(),
                       [](char left, char right) { return lower(left) == lower(right); }))
            return true;
        codes.remove_prefix(std::min(one.size(), codes.size()));
    }
    return false;
}

// RFC 2045 §5.1: token.
bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > 0x20 && c < 0x7f &&
               std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
    });
}

std::string_view trim(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

// `name=value`; guides for signatures write values that RFC 2045 wants in quotation marks without
// them, and everybody reads them.
bool is_parameter(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || !is_token(text.substr(0, equals))) return false;
    const std::string_view value = text.substr(equals + 1);
    return !value.empty() && (value.front() == '"') == (value.back() == '"' && value.size() > 1);
}

// type "/" subtype *( ";" parameter ), where a parameter may be empty (RFC 9110 §8.3.1, §5.6.6).
bool is_mime_type(std::string_view text) {
    std::string_view name = text.substr(0, text.find(';'));
    text.remove_prefix(name.size());
    name = trim(name);
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos || !is_token(name.substr(0, slash)) ||
        !is_token(name.substr(slash + 1)))
        return false;
    while (!text.empty()) {
        text.remove_prefix(1);
        const std::string_view part = text.substr(0, text.find(';'));
        text.remove_prefix(part.size());
        if (!trim(part).empty() && !is_parameter(trim(part))) return false;
    }
    return true;
}

// ISO 4217: three capital letters.
bool is_currency(std::string_view text) {
    return text.size() == 3 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

std::optional<CodeFault> code_fault(std::string_view system, std::string_view version,
                                    std::string_view code) {
    using enum Finding::Severity;
    const RawCodeSystem* const known = find_system(system);
    if (!known || code.empty() || (!version.empty() && version != known->version))
        return std::nullopt;
    if (known->codes.find('\n' + std::string(code) + '\n') != std::string_view::npos)
        return std::nullopt;
    if (has_in_other_letters(known->codes, code)) {
        if (!known->is_case_sensitive) return std::nullopt;
        return CodeFault{Error, "the code system has this code in other letters"};
    }
    if (known->is_fhirs_own) return CodeFault{Error, "not a code of its code system"};
    return CodeFault{Warning, "not a code of its code system as R4 knows it"};
}

bool breaks_required_binding(const Element& element, JsonView concept_value) {
    const std::string_view system = element.required_system.view();
    if (system.empty()) return false;
    const JsonView codings = concept_value["coding"];
    if (codings.size() == 0 && !concept_value.has("text")) return false;
    return std::none_of(codings.items().begin(), codings.items().end(), [&](JsonView coding) {
        return coding["system"].string() == system &&
               std::any_of(element.required_codes.begin(), element.required_codes.end(),
                           [&](StaticText code) { return code.view() == coding["code"].string(); });
    });
}

bool has_required_form(const Element& element, std::string_view code) {
    switch (element.required_form) {
        case CodeForm::Any:
            return true;
        case CodeForm::MimeType:
            return is_mime_type(code);
        case CodeForm::Currency:
            return is_currency(code);
    }
    return true;
}

}  // namespace consultd::fhir::r4
