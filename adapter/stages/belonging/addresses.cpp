#include "adapter/stages/belonging/addresses.h"

#include "fhir/reference.h"

namespace consultd {
namespace {

using fhir::JsonView;
using fhir::Reference;

bool is_at_base(const fhir::Url& base, std::string_view text) {
    const Result<fhir::Url> url = fhir::Url::parse(text);
    if (!url || url->host() != base.host() || !url->query().empty()) return false;
    const auto is_default = [](const fhir::Url& u) {
        return u.port() == (u.is_https() ? 443 : 80);
    };
    if (url->port() != base.port() && !(is_default(*url) && is_default(base))) return false;
    const auto trimmed = [](std::string_view path) {
        while (!path.empty() && path.back() == '/') path.remove_suffix(1);
        return path;
    };
    return trimmed(url->path()) == trimmed(base.path());
}

void collect_references(JsonView json, std::vector<std::string_view>& found) {
    if (json["reference"].is_string()) found.push_back(json["reference"].string());
    for (const JsonView item : json.items()) collect_references(item, found);
    for (const fhir::JsonMember& member : json.members()) collect_references(member.value, found);
}

}  // namespace

std::optional<std::string> key_at_base(const fhir::Url& base, std::string_view text) {
    const Reference reference = Reference::parse(text);
    if (reference.form == Reference::Form::Relative ||
        (reference.form == Reference::Form::Absolute && is_at_base(base, reference.base)))
        return reference.key();
    return std::nullopt;
}

StaticText how_foreign(const fhir::Url& base, std::string_view address) {
    const Result<fhir::Url> url = fhir::Url::parse(address);
    if (!url || url->host() != base.host()) return "foreign-host";
    if (url->port() != base.port() && url->is_https() == base.is_https()) return "other-port";
    const auto lower = [](std::string_view text) {
        std::string out(text);
        for (char& c : out)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        return out;
    };
    return lower(url->path()).starts_with(lower(base.path())) ? StaticText("other-case")
                                                              : StaticText("other-path");
}

std::optional<std::string> Addresses::key_at_home(std::string_view reference) const {
    if (auto key = key_at_base(base_, reference)) return key;
    for (const fhir::Url& alias : aliases_)
        if (auto key = key_at_base(alias, reference)) return key;
    return std::nullopt;
}

Addresses Addresses::of_no_server() {
    Addresses addresses(fhir::Url::parse("https://files.invalid/fhir").value());
    addresses.is_server_known_ = false;
    return addresses;
}

bool Addresses::is_elsewhere(std::string_view full_url) const {
    if (!full_url.starts_with("http") || key_at_home(full_url)) return false;
    return is_server_known_ || Reference::parse(full_url).form == Reference::Form::Absolute;
}

void Addresses::add_urn(std::size_t file, std::string_view urn, const std::string& key) {
    add({file, std::string(urn)}, key);
    add({anywhere, std::string(urn)}, key);
}

void Addresses::add(Place place, const std::string& key) {
    const auto [found, added] = urns_.emplace(std::move(place), key);
    if (!added && found->second != key) found->second.clear();
}

std::optional<std::string> Addresses::key(std::string_view reference, std::size_t file) const {
    if (auto at_server = key_at_home(reference)) return at_server;
    if (urns_.empty()) return std::nullopt;
    for (const std::size_t in : {file, anywhere})
        if (const auto found = urns_.find({in, std::string(reference)}); found != urns_.end())
            return found->second.empty() ? std::nullopt : std::optional(found->second);
    return std::nullopt;
}

std::vector<std::string_view> literal_references(JsonView json) {
    std::vector<std::string_view> found;
    collect_references(json, found);
    return found;
}

}  // namespace consultd
