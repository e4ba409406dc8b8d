#include "fhir/user_access_brands.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "fhir/base/ascii.h"
#include "fhir/base/utf8.h"

namespace consultd::fhir {
namespace {

constexpr std::size_t name_letters_max = 200;
constexpr std::size_t place_letters_max = 60;
constexpr std::size_t aliases_max = 20, places_max = 20, endpoints_of_one_max = 20;
// "Shall not exceed a depth of two": those that do are followed a little farther.
constexpr int providers_max = 4;
constexpr std::size_t marks_on_one_letter_max = 3;

bool is_space(char32_t c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

// Controls, soft hyphens, marks of direction, joiners and other things without a width, variation
// selectors, what is for private use, tags.
bool is_unseen(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x34F || c == 0x61C ||
           c == 0x115F || c == 0x1160 || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0x3164 ||
           (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF ||
           c == 0xFFA0 || (c >= 0xFFF0 && c <= 0xFFFF) || c >= 0xE0000;
}

bool is_mark(char32_t c) {
    return (c >= 0x300 && c <= 0x36F) || (c >= 0x483 && c <= 0x489) ||
           (c >= 0x1AB0 && c <= 0x1AFF) || (c >= 0x1DC0 && c <= 0x1DFF) ||
           (c >= 0x20D0 && c <= 0x20FF) || (c >= 0xFE20 && c <= 0xFE2F);
}

// An address in numbers, or a name that only a network of one's own knows.
bool is_private(const Url& url) {
    const std::string& host = url.host();
    const bool is_number =
        host.find(':') != std::string::npos ||
        std::ranges::all_of(host, [](char c) { return is_ascii_digit(c) || c == '.'; });
    if (is_number || url.is_loopback() || host.find('.') == std::string::npos) return true;
    constexpr std::string_view ends[] = {".localhost", ".local", ".internal",   ".lan",
                                         ".home.arpa", ".test",  ".localdomain"};
    return std::ranges::any_of(ends, [&](std::string_view end) {
        return host.ends_with(end) ||
               (host.ends_with('.') && host.ends_with(std::string(end) + "."));
    });
}

bool is_r4(JsonView endpoint) {
    constexpr std::string_view release =
        "http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version";
    bool is_said = false;
    for (const JsonView extension : endpoint["extension"].items()) {
        if (extension["url"].string() != release) continue;
        is_said = true;
        if (extension["valueCode"].string().starts_with("4.0")) return true;
    }
    return !is_said;
}

std::string name_in(JsonView text) { return one_line_of(text.string(), name_letters_max); }

class Reader {
public:
    Reader(JsonView bundle, const BrandLimits& limits) : limits_(limits) {
        for (const JsonView item : bundle["entry"].items()) {
            const JsonView resource = item["resource"];
            entries_.push_back(resource);
            const std::size_t at = entries_.size() - 1;
            names_.emplace(item["fullUrl"].string(), at);
            names_.emplace(std::string(resource["resourceType"].string()) + "/" +
                               std::string(resource["id"].string()),
                           at);
        }
        endpoint_of_.resize(entries_.size());
    }

    UserAccessBrands read() && {
        for (const JsonView resource : entries_)
            if (resource["resourceType"].string() == "Organization") read_brand(resource);
        // What no brand opens is found by its own name.
        const std::vector<bool> named = which_are_named();
        for (std::size_t at = 0; at < entries_.size(); ++at) {
            if (entries_[at]["resourceType"].string() != "Endpoint") continue;
            const auto endpoint = endpoint_at(at);
            const bool is_named = endpoint && *endpoint < named.size() && named[*endpoint];
            if (endpoint && !is_named) add({.name = name_in(entries_[at]["name"])}, *endpoint);
        }
        name_endpoints();
        return std::move(out_);
    }

private:
    struct Opened {
        std::string portal;
        std::uint32_t endpoint;
    };

    std::optional<std::size_t> entry_of(JsonView reference) const {
        const auto found = names_.find(reference["reference"].string());
        if (found == names_.end() || found->first.empty()) return std::nullopt;
        return found->second;
    }

    // Which endpoint that entry is, if it is one that may be used.
    std::optional<std::uint32_t> endpoint_at(std::size_t at) {
        std::optional<std::optional<std::uint32_t>>& known = endpoint_of_[at];
        if (!known) known = take_endpoint(entries_[at]);
        return *known;
    }

    std::optional<std::uint32_t> take_endpoint(JsonView endpoint) {
        if (endpoint["resourceType"].string() != "Endpoint") return std::nullopt;
        const std::string_view status = endpoint["status"].string();
        const std::string_view kind = endpoint.at("connectionType", "code").string();
        UserAccessBrands::LeftOut& left_out = out_.left_out;
        const auto leave_out = [](std::size_t& count) {
            ++count;
            return std::optional<std::uint32_t>();
        };
        if ((!status.empty() && status != "active") || (!kind.empty() && kind != "hl7-fhir-rest"))
            return leave_out(left_out.not_in_use);
        if (!is_r4(endpoint)) return leave_out(left_out.other_release);
        const Result<Url> base = Url::parse(endpoint["address"].string());
        if (!base || !base->query().empty()) return leave_out(left_out.not_https);
        const bool is_ours = is_private(*base);
        if (!base->is_https() && !(limits_.takes_private && base->is_loopback()))
            return leave_out(left_out.not_https);
        if (is_ours && !limits_.takes_private) return leave_out(left_out.is_private);
        const auto [known, is_new] = endpoints_.emplace(
            endpoint_identity(*base), static_cast<std::uint32_t>(out_.endpoints.size()));
        if (is_new) out_.endpoints.push_back({*base, {}});
        return known->second;
    }

    // Its portals with their endpoints; where it says none, its endpoints.
    std::vector<Opened> opened_by(JsonView organization) {
        std::vector<Opened> opened;
        const auto open = [&](JsonView reference, const std::string& portal) {
            const auto entry = entry_of(reference);
            const auto endpoint = entry ? endpoint_at(*entry) : std::nullopt;
            const bool is_there = std::ranges::any_of(
                opened, [&](const Opened& one) { return one.endpoint == endpoint; });
            if (endpoint && !is_there && opened.size() < endpoints_of_one_max)
                opened.push_back({portal, *endpoint});
        };
        for (const JsonView extension : organization["extension"].items()) {
            if (extension["url"].string() !=
                "http://hl7.org/fhir/StructureDefinition/organization-portal")
                continue;
            std::string portal;
            for (const JsonView part : extension["extension"].items())
                if (part["url"].string() == "portalName") portal = name_in(part["valueString"]);
            for (const JsonView part : extension["extension"].items())
                if (part["url"].string() == "portalEndpoint") open(part["valueReference"], portal);
        }
        for (const JsonView reference : organization["endpoint"].items()) open(reference, "");
        return opened;
    }

    void read_brand(JsonView organization) {
        if (organization["active"].kind() == JsonView::Kind::False) return;
        Brand brand{.name = name_in(organization["name"])};
        for (const JsonView alias : organization["alias"].items())
            if (std::string text = name_in(alias);
                !text.empty() && brand.aliases.size() < aliases_max)
                brand.aliases.push_back(std::move(text));
        for (const JsonView address : organization["address"].items())
            if (brand.places.size() < places_max)
                brand.places.push_back(
                    {one_line_of(address["city"].string(), place_letters_max),
                     one_line_of(address["state"].string(), place_letters_max),
                     one_line_of(address["postalCode"].string(), place_letters_max)});
        std::vector<Opened> opened = opened_by(organization);
        JsonView provider = organization;
        for (int depth = 0; opened.empty() && depth < providers_max; ++depth) {
            const auto above = entry_of(provider["partOf"]);
            if (!above) break;
            provider = entries_[*above];
            opened = opened_by(provider);
            brand.provider = name_in(provider["name"]);
        }
        if (opened.empty() || brand.name.empty()) ++out_.left_out.brands;
        for (Opened& one : opened) {
            brand.portal = std::move(one.portal);
            add(brand, one.endpoint);
        }
    }

    void add(Brand brand, std::uint32_t endpoint) {
        if (brand.name.empty()) return;
        brand.endpoint = endpoint;
        out_.brands.push_back(std::move(brand));
    }

    std::vector<bool> which_are_named() const {
        std::vector<bool> named(out_.endpoints.size());
        for (const Brand& brand : out_.brands) named[brand.endpoint] = true;
        return named;
    }

    // By the brand whose own sign-in it is, else by the first that shares it.
    void name_endpoints() {
        for (const bool own : {true, false})
            for (const Brand& brand : out_.brands)
                if (std::string& name = out_.endpoints[brand.endpoint].name;
                    name.empty() && brand.provider.empty() == own)
                    name = brand.provider.empty() ? brand.name : brand.provider;
    }

    const BrandLimits& limits_;
    std::vector<JsonView> entries_;
    std::map<std::string, std::size_t, std::less<>> names_;
    std::vector<std::optional<std::optional<std::uint32_t>>> endpoint_of_;  // by entry
    std::map<std::string, std::uint32_t> endpoints_;                        // by identity
    UserAccessBrands out_;
};

}  // namespace

Result<UserAccessBrands> read_user_access_brands(std::string text, const BrandLimits& limits) {
    TRY_ASSIGN(const Json bundle,
               Json::parse(std::move(text), {.bytes_max = limits.bytes_max, .depth_max = 32}));
    if (bundle["resourceType"].string() != "Bundle")
        return Error(ErrorKind::Malformed, "it is no FHIR Bundle");
    if (bundle["entry"].size() > limits.entries_max)
        return Error(ErrorKind::TooLarge, "the Bundle has too many entries")
            .with("entries", static_cast<std::int64_t>(bundle["entry"].size()));
    return Reader(bundle, limits).read();
}

std::string endpoint_identity(const Url& base) {
    std::string text = base.text();
    while (text.ends_with('/')) text.pop_back();
    return text;
}

std::string one_line_of(std::string_view text, std::size_t letters_max) {
    std::string line;
    std::size_t letters = 0, marks = 0;
    bool wants_space = false;
    for (char32_t c = 0; !text.empty() && letters < letters_max;) {
        const std::size_t length = decode_utf8(text, c);
        if (length == 0) break;
        const std::string_view bytes = text.substr(0, length);
        text.remove_prefix(length);
        if (is_space(c)) {
            wants_space = !line.empty();
            continue;
        }
        marks = is_mark(c) ? marks + 1 : 0;
        if (is_unseen(c) || marks > marks_on_one_letter_max) continue;
        if (std::exchange(wants_space, false)) line += ' ';
        line += bytes;
        ++letters;
    }
    return line;
}

}  // namespace consultd::fhir
