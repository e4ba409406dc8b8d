#include "adapter/stages/normalize/record_index.h"

#include "fhir/reference.h"
#include "fhir/terminology/system_uris.h"
#include "fhir/url.h"

namespace consultd::normalizing {
namespace {

using fhir::JsonView;
using fhir::Reference;

std::string canonical(std::string_view system) {
    const auto found = fhir::canonical_system(system);
    return found ? found->uri : std::string(system);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = i + 2 < text.size() && text[i] == '%' ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low < 0) {
            out += text[i];
        } else {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

std::string identifier_name(std::string_view type, std::string_view system,
                            std::string_view value) {
    std::string name(type);
    name.append("?").append(system).append("|").append(value);
    return name;
}

}  // namespace

std::optional<ConditionalReference> parse_conditional(std::string_view text) {
    constexpr std::string_view parameter = "?identifier=";
    const std::size_t at = text.find(parameter);
    if (at == std::string_view::npos || text.find('&') != std::string_view::npos)
        return std::nullopt;
    const std::string token = percent_decoded(text.substr(at + parameter.size()));
    const std::size_t bar = token.find('|');
    if (!fhir::is_resource_type(text.substr(0, at)) || bar == std::string::npos || bar == 0 ||
        bar + 1 == token.size())
        return std::nullopt;
    return ConditionalReference{std::string(text.substr(0, at)), canonical(token.substr(0, bar)),
                                token.substr(bar + 1)};
}

RecordIndex::RecordIndex(const Record& record) : record_(record), base_url_(record.base_url) {
    while (base_url_.ends_with('/')) base_url_.pop_back();
    bases_.reserve(record.resources.size());
    for (std::size_t i = 0; i < record.resources.size(); ++i) {
        const PulledResource& pulled = record.resources[i];
        const Reference own = Reference::parse(pulled.full_url);
        bases_.push_back(own.form == Reference::Form::Absolute ? own.base
                                                               : std::string_view(base_url_));
        if (!pulled.full_url.empty()) add(by_url_, pulled.full_url, i);
        if (pulled.resource.id().empty()) continue;
        const std::string key = pulled.resource.key();
        add(by_key_, pulled.source == key ? std::string_view(pulled.source) : keep(key), i);
        if (base_url_.empty()) continue;
        std::string at_source = base_url_ + "/" + key;
        if (at_source != pulled.full_url) add(by_url_, keep(std::move(at_source)), i);
    }
}

std::string_view RecordIndex::keep(std::string name) { return made_.emplace_back(std::move(name)); }

void RecordIndex::add_identifiers() const {
    by_identifier_.emplace();
    for (std::size_t i = 0; i < record_.resources.size(); ++i) {
        const fhir::Resource& resource = record_.resources[i].resource;
        const JsonView identifier = resource["identifier"];
        const auto add_identifier = [&](JsonView one) {
            if (one["value"].string().empty()) return;
            add(*by_identifier_,
                made_.emplace_back(identifier_name(
                    resource.type(), canonical(one["system"].string()), one["value"].string())),
                i);
        };
        if (identifier.is_object()) add_identifier(identifier);
        for (const JsonView one : identifier.items()) add_identifier(one);
    }
}

void RecordIndex::add(Names& names, std::string_view name, std::size_t position) {
    const auto [found, added] = names.emplace(name, position);
    if (!added && found->second != position) found->second = ambiguous;
}

std::optional<std::size_t> RecordIndex::look_up(const Names& names, std::string_view name) {
    const auto found = names.find(name);
    if (found == names.end() || found->second == ambiguous) return std::nullopt;
    return found->second;
}

std::optional<std::size_t> RecordIndex::find(std::string_view text, std::size_t from) const {
    const Reference reference = Reference::parse(text);
    switch (reference.form) {
        case Reference::Form::Contained:
            return std::nullopt;
        case Reference::Form::Urn:
            return look_up(by_url_, text);
        case Reference::Form::Absolute:
            return look_up(by_url_, std::string(reference.base) + "/" + reference.key());
        case Reference::Form::Relative: {
            const std::string_view base = base_of(from);
            if (!base.empty())
                if (const auto found = look_up(by_url_, std::string(base) + "/" + reference.key()))
                    return found;
            // A name without a place: not that of a resource of another place.
            const auto found = look_up(by_key_, reference.key());
            if (!found || base.empty() || base_of(*found).empty() || base_of(*found) == base)
                return found;
            return std::nullopt;
        }
        case Reference::Form::Other:
            break;
    }
    if (const auto wanted = parse_conditional(text)) {
        if (!by_identifier_) add_identifiers();
        return look_up(*by_identifier_,
                       identifier_name(wanted->type, wanted->system, wanted->value));
    }
    return look_up(by_url_, text);
}

// The bytes behind a URL that is no FHIR one are held as a Binary under that URL.
// https://hl7.org/fhir/R4/datatypes.html#attachment
std::optional<std::size_t> RecordIndex::find_binary(std::string_view text, std::size_t from) const {
    auto found = find(text, from);
    if (!found)
        if (const auto base = fhir::Url::parse(base_of(from)))
            if (const auto url = base->below("").resolve(text))
                found = look_up(by_url_, url->text());
    if (!found || record_.resources[*found].resource.type() != "Binary") return std::nullopt;
    return found;
}

std::string RecordIndex::absolute(std::string_view text, std::size_t from) const {
    const Reference reference = Reference::parse(text);
    if (text.starts_with("urn:") || text.starts_with("http://") || text.starts_with("https://"))
        return std::string(text);
    const std::string_view base = base_of(from);
    if (reference.form != Reference::Form::Relative || base.empty()) return {};
    return std::string(base) + "/" + std::string(text);
}

}  // namespace consultd::normalizing
