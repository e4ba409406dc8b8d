#include "fhir/r4/primitive_format.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "fhir/base/crypto.h"
#include "fhir/datetime.h"
#include "fhir/resource.h"

namespace consultd::fhir::r4 {
namespace {

constexpr std::ptrdiff_t string_characters_max = 1 << 20;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_white(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
}
// In UTF-8 each character has one byte that is not 10xxxxxx.
bool is_too_long(std::string_view text) {
    return std::ssize(text) > string_characters_max &&
           std::count_if(text.begin(), text.end(), [](char c) {
               return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
           }) > string_characters_max;
}
bool none_white(std::string_view text) { return std::none_of(text.begin(), text.end(), is_white); }

// [^\s]+(\s[^\s]+)*
bool is_code(std::string_view text) {
    if (text.empty() || is_white(text.front()) || is_white(text.back())) return false;
    return std::adjacent_find(text.begin(), text.end(), [](char a, char b) {
               return is_white(a) && is_white(b);
           }) == text.end();
}

// urn:oid:[0-2](\.(0|[1-9][0-9]*))+
bool is_oid(std::string_view text) {
    if (!text.starts_with("urn:oid:")) return false;
    text.remove_prefix(8);
    if (text.size() < 3 || text[0] < '0' || text[0] > '2') return false;
    text.remove_prefix(1);
    while (!text.empty()) {
        if (text.size() < 2 || text[0] != '.' || !is_digit(text[1])) return false;
        std::size_t end = 1;
        while (end < text.size() && is_digit(text[end])) ++end;
        if (text[1] == '0' && end > 2) return false;
        text.remove_prefix(end);
    }
    return true;
}

// urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}
bool is_uuid(std::string_view text) {
    if (!text.starts_with("urn:uuid:") || text.size() != 45) return false;
    text.remove_prefix(9);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_digit(text[i]) && !(text[i] >= 'a' && text[i] <= 'f'))
            return false;
    }
    return true;
}

// ([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?
bool is_time(std::string_view text) {
    if (text.size() < 8 || text[2] != ':' || text[5] != ':') return false;
    const auto two = [&](std::size_t at) {
        if (!is_digit(text[at]) || !is_digit(text[at + 1])) return 99;
        return (text[at] - '0') * 10 + (text[at + 1] - '0');
    };
    if (two(0) > 23 || two(3) > 59 || two(6) > 60) return false;
    text.remove_prefix(8);
    return text.empty() || (text.size() > 1 && text[0] == '.' &&
                            std::all_of(text.begin() + 1, text.end(), is_digit));
}

std::optional<StaticText> integer_fault(JsonView value, std::int64_t least) {
    if (!value.is_number()) return StaticText("a number is expected");
    const auto integer = value.integer();
    if (!integer || *integer > 2147483647 || *integer < -2147483648LL)
        return StaticText("a whole number of 32 bits is expected");
    if (*integer < least) return StaticText("the number is too small for this type");
    return std::nullopt;
}

std::optional<StaticText> date_fault(std::string_view type, std::string_view text) {
    const auto parsed = Datetime::parse(text);
    if (!parsed) return StaticText("not a FHIR date or time, or not in the calendar");
    if (type == "date" && parsed->has_time()) return StaticText("a date has no time");
    if (type == "instant" && !parsed->has_time())
        return StaticText("an instant has a time and zone");
    return std::nullopt;
}

std::optional<StaticText> text_fault(std::string_view type, std::string_view text) {
    if (text.empty()) return StaticText("a string is never empty");
    if (type == "date" || type == "dateTime" || type == "instant") return date_fault(type, text);
    if (type == "base64Binary") {
        if (!crypto::from_base64(text, crypto::WhiteSpace::Skip)) return StaticText("not base64");
        return std::nullopt;
    }
    if (type == "xhtml") return std::nullopt;
    if (is_too_long(text)) return StaticText("a string has at most 1024*1024 characters");
    if (std::any_of(text.begin(), text.end(), is_control)) return StaticText("a control character");
    if (type == "id" && !is_id(text)) return StaticText("not an id: [A-Za-z0-9\\-\\.]{1,64}");
    if (type == "code" && !is_code(text))
        return StaticText("a code has single inner spaces at most");
    if ((type == "uri" || type == "url" || type == "canonical") && !none_white(text))
        return StaticText("a URI has no white space");
    if (type == "oid" && !is_oid(text)) return StaticText("not urn:oid: and an OID");
    if (type == "uuid" && !is_uuid(text)) return StaticText("not urn:uuid: and a lower case UUID");
    if (type == "time" && !is_time(text)) return StaticText("not hh:mm:ss");
    return std::nullopt;
}

}  // namespace

std::optional<StaticText> format_fault(const Type& type, JsonView value) {
    const std::string_view name = type.name.view();
    if (name == "boolean") {
        if (!value.is_bool()) return StaticText("true or false is expected");
        return std::nullopt;
    }
    if (name == "decimal") {
        if (!value.is_number()) return StaticText("a number is expected");
        return std::nullopt;
    }
    if (name == "integer") return integer_fault(value, -2147483648LL);
    if (name == "unsignedInt") return integer_fault(value, 0);
    if (name == "positiveInt") return integer_fault(value, 1);
    if (!value.is_string()) return StaticText("a string is expected");
    return text_fault(name, value.string());
}

}  // namespace consultd::fhir::r4
