#include <algorithm>

#include "adapter/stages/consent/content.h"
#include "adapter/stages/consent/trace.h"
#include "fhir/base/ascii.h"
#include "fhir/reference.h"

namespace consultd::consent {
namespace {

using fhir::JsonView;

// Of the ids that R4 allows.
constexpr bool is_plain_id_char(char letter) {
    return is_ascii_alnum(letter) || letter == '-' || letter == '.';
}
// Of those that sources give beside (fhir::is_name).
constexpr bool is_id_char(char letter) {
    return is_plain_id_char(letter) || letter == '_' || letter == '~';
}

std::string_view trimmed(std::string_view token) {
    while (!token.empty() && (token.back() == '.' || token.back() == '-')) token.remove_suffix(1);
    while (!token.empty() && (token.front() == '.' || token.front() == '-')) token.remove_prefix(1);
    return token;
}

// The word before "/" or "%2F" that ends at `end`; empty where there is none.
std::string_view word_before(std::string_view text, std::size_t end) {
    if (end >= 1 && text[end - 1] == '/')
        end -= 1;
    else if (end >= 3 && text[end - 3] == '%' && text[end - 2] == '2' &&
             (text[end - 1] == 'F' || text[end - 1] == 'f'))
        end -= 3;
    else
        return {};
    std::size_t begin = end;
    while (begin > 0 && is_ascii_letter(text[begin - 1])) --begin;
    return text.substr(begin, end - begin);
}

template <class Use>
void each_display(JsonView resource, Use use) {
    for (const auto* name : {"code", "type", "vaccineCode", "medicationCodeableConcept"}) {
        use(resource.at(name, "text").string());
        for (const JsonView coding : resource.at(name, "coding").items())
            use(coding["display"].string());
    }
    for (const auto* name : {"title", "description", "name"}) use(resource[name].string());
    for (const JsonView name : resource["name"].items()) use(name["text"].string());
}

std::string_view tail_of(std::string_view full_url) {
    const std::size_t at = full_url.find_last_of(":/");
    return at == std::string_view::npos ? full_url : full_url.substr(at + 1);
}

}  // namespace

std::size_t CaselessHash::operator()(std::string_view text) const {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char letter : text)
        hash = (hash ^ static_cast<unsigned char>(to_ascii_lower(letter))) * 0x100000001b3U;
    return static_cast<std::size_t>(hash);
}

bool CaselessEqual::operator()(std::string_view left, std::string_view right) const {
    return std::ranges::equal(left, right, {}, to_ascii_lower, to_ascii_lower);
}

void Names::add_address(std::string_view address) {
    const fhir::Reference parsed = fhir::Reference::parse(without_number(address));
    using Form = fhir::Reference::Form;
    if (parsed.form == Form::Relative || parsed.form == Form::Absolute) {
        keys_.insert(parsed.key());
        if (parsed.id.size() >= id_length_min) ids_.insert(ascii_lower(parsed.id));
    } else if (tail_of(address).size() >= id_length_min) {
        ids_.insert(ascii_lower(tail_of(address)));
    }
}

void Names::add(std::string_view source, std::string_view full_url, JsonView resource) {
    add_address(source);
    add_address(full_url);
    const std::string_view id = resource["id"].string();
    if (id.size() >= id_length_min) ids_.insert(ascii_lower(id));
    each_identifier(resource, [&](std::string text) {
        if (!text.empty()) identifiers_.insert(std::move(text));
    });
    each_display(resource, [&](std::string_view text) { add_display(text); });
}

std::string logical_name(JsonView identifier) {
    const std::string_view value = identifier["value"].string();
    if (value.empty()) return {};
    return std::string(identifier["system"].string()).append("|").append(value);
}

void Names::add_display(std::string_view display) {
    if (!display.empty()) displays_.emplace(display);
}

void Names::release(std::string_view source, std::string_view full_url, JsonView resource) {
    for (const std::string_view address : {source, full_url, resource["id"].string()})
        if (const auto found = ids_.find(tail_of(address)); found != ids_.end()) ids_.erase(found);
    each_identifier(resource, [&](const std::string& text) { identifiers_.erase(text); });
    release_matter(resource);
}

bool Names::is_name(std::string_view token, std::string_view type) const {
    if (token.empty()) return false;
    if (!type.empty() && keys_.contains(std::string(type).append("/").append(token))) return true;
    return token.size() >= id_length_min && ids_.contains(token);
}

bool Names::in_text(std::string_view text) const {
    if (keys_.empty() && ids_.empty()) return false;
    if (text.size() < id_length_min && text.find_first_of("/%") == text.npos) return false;
    return in_words<is_id_char>(text) ||
           (text.find_first_of("_~") != text.npos && in_words<is_plain_id_char>(text));
}

bool Names::in_value(JsonView value) const {
    return any_text(value, [&](std::string_view text) { return in_text(text); });
}

template <bool (*is_of_word)(char)>
bool Names::in_words(std::string_view text) const {
    std::size_t at = 0;
    while (at < text.size()) {
        if (!is_of_word(text[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && is_of_word(text[end])) ++end;
        const std::string_view token = text.substr(at, end - at);
        const char before = at > 0 ? text[at - 1] : ' ';
        if (token.size() < id_length_min && before != '/' && before != '%') {
            at = end;
            continue;
        }
        std::string_view type = word_before(text, at);
        std::string_view id = token;
        // "%2F123" is read as the token "2F123".
        if (before == '%' && (token.starts_with("2F") || token.starts_with("2f"))) {
            type = word_before(text, at + 2);
            id = token.substr(2);
        }
        // A sentence may end right behind a name.
        const std::string_view plain = trimmed(id), first = id.substr(0, id.find('.'));
        if (is_name(id, type) || (plain.size() != id.size() && is_name(plain, type)) ||
            (first.size() != id.size() && is_name(first, type)))
            return true;
        at = end;
    }
    return false;
}

// Everything that is asked of a resource's texts, in one walk.
void Names::look_through(JsonView value, Mentions& found) const {
    const auto look = [&](std::string_view text) {
        if (!found.name) found.name = in_text(text);
        if (!found.matter) found.matter = says_matter(text);
    };
    if (value.is_string()) return look(value.string());
    if (value.is_number()) return look(value.number());
    for (const JsonView item : value.items()) look_through(item, found);
    bool may_refer = false;
    for (const fhir::JsonMember& member : value.members()) {
        const std::string_view name = member.name();
        may_refer |= name == "reference" || name == "display" || name == "identifier";
        look(name);
        look_through(member.value, found);
    }
    if (may_refer && !found.reference) found.reference = in_reference(value);
}

Names::Mentions Names::mentions_in(JsonView resource) const {
    Mentions found{.matter = !codes_.empty()};
    look_through(resource, found);
    return found;
}

bool Names::in_reference(JsonView reference) const {
    const JsonView literal = reference["reference"];
    if (in_text(literal.string()) || in_text(reference["display"].string())) return true;
    const std::string text = logical_name(reference["identifier"]);
    if (!text.empty() && (identifiers_.contains(text) || in_text(text))) return true;
    if (is_hidden_ && is_hidden_(reference)) return true;
    // Nothing but a display: it is taken for the one that goes by these words.
    return !literal.is_string() && displays_.contains(reference["display"].string());
}

}  // namespace consultd::consent
