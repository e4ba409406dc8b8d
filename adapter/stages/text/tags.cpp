#include "adapter/stages/text/tags.h"

#include <algorithm>

#include "adapter/stages/text/text.h"
#include "fhir/base/ascii.h"

namespace consultd {
namespace {

constexpr std::string_view spaces = " \t\r\n\f", blanks = " \t\r\n\f/";

std::string_view without(std::string_view letters, std::string_view text) {
    return text.substr(std::min(text.find_first_not_of(letters), text.size()));
}
std::string_view take(std::string_view& text, std::size_t length) {
    const std::string_view taken = text.substr(0, length);
    text.remove_prefix(taken.size());
    return taken;
}
std::string_view take_value(std::string_view& text) {
    const char quote = text.empty() ? '\0' : text.front();
    if (quote != '"' && quote != '\'') return take(text, text.find_first_of(spaces));
    text.remove_prefix(1);
    const std::string_view value = take(text, text.find(quote));
    text.remove_prefix(std::min<std::size_t>(1, text.size()));
    return value;
}

// "text-decoration:line-through" of "Text-Decoration: line-through".
std::string plain_style(std::string_view style) {
    std::string out;
    for (const char one : style)
        if (spaces.find(one) == spaces.npos) out += to_ascii_lower(one);
    return out;
}

}  // namespace

bool Tag::is_void() const {
    constexpr std::string_view voids[] = {"br",    "col",  "embed", "hr",    "img",
                                          "input", "link", "meta",  "source"};
    return said_.ends_with('/') || std::ranges::find(voids, name_) != std::end(voids);
}

std::optional<Mark> Tag::mark() const {
    if (name_ == "sup") return Mark::Raised;
    if (name_ == "sub") return Mark::Lowered;
    if (name_ == "del" || name_ == "s" || name_ == "strike") return Mark::Struck;
    const std::string style = plain_style(value_of("style").value_or(std::string()));
    if (style.find("line-through") != style.npos) return Mark::Struck;
    if (style.find("display:none") != style.npos || style.find("visibility:hidden") != style.npos ||
        has("hidden"))
        return Mark::Hidden;
    if (style.find("vertical-align:super") != style.npos) return Mark::Raised;
    if (style.find("vertical-align:sub") != style.npos) return Mark::Lowered;
    return std::nullopt;
}

std::string Tag::sign() const {
    if (name_ == "img") {
        const auto words = value_of("alt");
        // Without words it is there for its looks alone.
        return words && words->empty() ? std::string()
                                       : picture_mark(words.value_or(std::string()));
    }
    for (const std::string_view picture : {"object", "embed", "svg", "canvas", "video", "audio"})
        if (name_ == picture) return picture_mark({});
    if (name_ == "option") return has("selected") ? "☑" : "☐";
    return name_ == "input" ? sign_of_field() : std::string();
}

std::string Tag::sign_of_field() const {
    const std::string type = plain_style(value_of("type").value_or(std::string()));
    if (type == "checkbox") return has("checked") ? "☑" : "☐";
    if (type == "radio") return has("checked") ? "◉" : "○";
    for (const std::string_view silent : {"button", "hidden", "image", "reset", "submit"})
        if (type == silent) return {};
    return value_of("value").value_or(std::string());
}

// Its entities read; "" where it stands without a value.
std::optional<std::string> Tag::value_of(std::string_view attribute) const {
    std::string_view rest = said_.substr(std::min(name_.size(), said_.size()));
    while (!(rest = without(blanks, rest)).empty()) {
        const std::string_view found = take(rest, rest.find_first_of(" \t\r\n\f/=", 1));
        std::string_view value;
        if (const std::string_view sign = without(spaces, rest); sign.starts_with('=')) {
            rest = without(spaces, sign.substr(1));
            value = take_value(rest);
        }
        if (ascii_lower(found) == attribute) return text_of_markup(value).shown;
    }
    return std::nullopt;
}

}  // namespace consultd
