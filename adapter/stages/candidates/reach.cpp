#include "adapter/stages/candidates/reach.h"

#include <algorithm>
#include <cctype>

namespace consultd {
namespace {

using fhir::JsonView;

// "system|value" of an Identifier; empty where one is lacking.
std::string identifier_text(JsonView identifier) {
    const std::string_view system = identifier["system"].string();
    const std::string_view value = identifier["value"].string();
    if (system.empty() || value.empty()) return {};
    return std::string(system).append("|").append(value);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const int letter = std::tolower(static_cast<unsigned char>(c));
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = i + 2 < text.size() && text[i] == '%' ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        out += low < 0 ? text[i] : static_cast<char>(high * 16 + low);
        if (low >= 0) i += 2;
    }
    return out;
}

// "Practitioner?identifier=system|value" (https://hl7.org/fhir/R4/http.html#trules) →
// "system|value".
std::string conditional_text(std::string_view reference) {
    constexpr std::string_view parameter = "?identifier=";
    const std::size_t at = reference.find(parameter);
    return at == std::string_view::npos ? std::string()
                                        : percent_decoded(reference.substr(at + parameter.size()));
}

}  // namespace

void Reach::add(const std::string& name, const Candidate& candidate) {
    standing_.emplace(name, &candidate);
    switch (candidate.belonging) {
        case Belonging::Ours:
            ours_.insert(candidate.key.empty() ? name : candidate.key);
            reach(name);
            break;
        case Belonging::Shared:
            add_names(name, candidate);
            break;
        case Belonging::ByTarget:
            provenances_.push_back(name);
            break;
        default:
            break;
    }
}

void Reach::add_names(const std::string& name, const Candidate& candidate) {
    const auto add = [&](std::string address) {
        if (!address.empty()) shared_[std::move(address)].push_back(name);
    };
    has_binaries_ = has_binaries_ || candidate.json["resourceType"].string() == "Binary";
    add(name);
    if (candidate.key != name) add(candidate.key);
    if (candidate.full_url != name) add(candidate.full_url);
    add(std::string(candidate.json["url"].string()));
    for (const JsonView identifier : candidate.json["identifier"].items())
        add(identifier_text(identifier));
}

void Reach::reach(const std::string& name) {
    if (reached_.insert(name).second) front_.push_back(name);
}

void Reach::spread() {
    for (bool grew = true; grew;) {
        while (!front_.empty()) {
            const Candidate& from = *standing_.find(front_.back())->second;
            front_.pop_back();
            look_at(from.json, from);
        }
        grew = false;
        for (const std::string& name : provenances_)
            if (!reached_.contains(name) && is_about_ours(*standing_.find(name)->second)) {
                reach(name);
                grew = true;
            }
    }
}

bool Reach::is_about_ours(const Candidate& provenance) const {
    bool about_ours = false;
    for (const JsonView target : provenance.json["target"].items()) {
        const auto key = addresses_.key(target["reference"].string(), provenance.file);
        if (!key) continue;
        if (rejected_.contains(*key)) return false;
        about_ours = about_ours || ours_.contains(*key);
    }
    return about_ours;
}

bool Reach::is_of_rejected(const Candidate& binary) const {
    const std::string_view context = binary.json.at("securityContext", "reference").string();
    if (context.empty()) return false;
    const auto key = addresses_.key(context, binary.file);
    return key && rejected_.contains(*key);
}

bool Reach::is_wanted(const std::string& name, JsonView resource) const {
    if (led_to_.contains(name) || led_to_.contains(resource["url"].string())) return true;
    const auto identifiers = resource["identifier"].items();
    return std::ranges::any_of(identifiers, [&](JsonView identifier) {
        const std::string text = identifier_text(identifier);
        return !text.empty() && led_to_.contains(text);
    });
}

void Reach::lead_to(std::string_view address) {
    if (remembers_ && !address.empty()) led_to_.emplace(address);
    const auto found = shared_.find(address);
    if (found == shared_.end()) return;
    for (const std::string& name : found->second)
        if (!is_of_rejected(*standing_.find(name)->second)) reach(name);
}

void Reach::look_at(JsonView json, const Candidate& from) {
    if (const JsonView reference = json["reference"]; reference.is_string()) {
        const std::string_view text = reference.string();
        lead_to(text);
        if (const auto key = addresses_.key(text, from.file)) lead_to(*key);
        if (const std::string wanted = conditional_text(text); !wanted.empty()) lead_to(wanted);
    }
    if (const JsonView url = json["url"]; (has_binaries_ || remembers_) && url.is_string()) {
        lead_to(url.string());
        if (const auto key = addresses_.key(url.string(), from.file)) lead_to(*key);
        if (const auto whole = addresses_.base().below("").resolve(url.string()))
            lead_to(whole->text());
    }
    if (const JsonView identifier = json["identifier"]; identifier.is_object())
        lead_to(identifier_text(identifier));
    if (const JsonView form = json["questionnaire"]; form.is_string())
        lead_to(form.string().substr(0, form.string().find('|')));
    for (const JsonView item : json.items()) look_at(item, from);
    for (const fhir::JsonMember& member : json.members()) look_at(member.value, from);
}

}  // namespace consultd
