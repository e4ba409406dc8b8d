#include "adapter/input.h"

#include <algorithm>
#include <map>

#include "adapter/stages/pull/patient.h"
#include "fhir/r4/walk.h"
#include "fhir/reference.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr fhir::JsonLimits input_limits{.bytes_max = std::size_t{2} << 30, .depth_max = 64};

Error at_line(const Error& error, std::size_t line) {
    return Error(error).with("line", static_cast<std::int64_t>(line));
}

std::size_t line_of(std::string_view text, std::size_t offset) {
    offset = std::min(offset, text.size());
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(offset);
    return static_cast<std::size_t>(std::count(text.begin(), end, '\n')) + 1;
}

void add_documents(std::vector<InputDocument>& documents, const std::string& place,
                   const Json& json) {
    if (!json.is_array()) {
        documents.push_back({place, json});
        return;
    }
    for (std::size_t i = 0; i < json.size(); ++i)
        documents.push_back({place + "[" + std::to_string(i) + "]", json.share(json.items()[i])});
}

// https://github.com/ndjson/ndjson-spec: one JSON text a line.
Result<std::vector<InputDocument>> parse_lines(const std::string& place, std::string_view text) {
    std::vector<InputDocument> documents;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::string_view content = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), content.size() + 1));
        if (content.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        const Result<Json> json = Json::parse(std::string(content), input_limits);
        if (!json) return at_line(json.error(), line);
        add_documents(documents, place + ":" + std::to_string(line), *json);
    }
    return documents;
}

bool looks_like_lines(std::string_view text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    const std::size_t next = text.find_first_not_of(" \t\r\n", end);
    const std::size_t last = text.find_last_not_of(" \t\r", end - 1);
    return text[0] == '{' && last != std::string_view::npos && text[last] == '}' &&
           next != std::string_view::npos && text[next] == '{';
}

// One resource of a document, before it is proven.
struct Loose {
    std::string full_url;
    std::string name;  // Type/id, or fullUrl, or the place
    std::string key;   // Type/id for the proof: a resource without an id goes by its UUID
    Json json;
    bool usable = false;
};

Loose loose(const Json& json, std::string full_url, const std::string& place) {
    Loose found{.full_url = std::move(full_url), .name = place, .json = json};
    constexpr std::string_view urn_uuid = "urn:uuid:";
    const Result<fhir::Resource> resource = fhir::Resource::from(json);
    found.usable = resource.ok();
    if (resource && !resource->id().empty())
        found.key = found.name = resource->key();
    else if (!found.full_url.empty())
        found.name = found.full_url;
    if (resource && found.key.empty() && found.full_url.starts_with(urn_uuid))
        found.key = std::string(resource->type()) + "/" + found.full_url.substr(urn_uuid.size());
    return found;
}

std::vector<Loose> take_apart(const std::vector<InputDocument>& documents) {
    std::vector<Loose> all;
    for (const InputDocument& document : documents) {
        if (document.json["resourceType"].string() != "Bundle") {
            all.push_back(loose(document.json, "", document.place));
            continue;
        }
        std::size_t index = 0;
        for (const JsonView& entry : document.json["entry"].items()) {
            const std::string place = document.place + "#entry[" + std::to_string(index++) + "]";
            if (entry.has("resource"))
                all.push_back(loose(document.json.share(entry["resource"]),
                                    std::string(entry["fullUrl"].string()), place));
        }
    }
    return all;
}

// The same name twice: the same content is one resource, another content gets a name of its own.
void settle_names(std::vector<Loose>& all) {
    std::map<std::string, std::vector<const Loose*>> seen;
    std::vector<Loose> kept;
    kept.reserve(all.size());
    for (Loose& one : all) {
        std::vector<const Loose*>& same = seen[one.name];
        if (std::any_of(same.begin(), same.end(),
                        [&](const Loose* other) { return same_value(other->json, one.json); }))
            continue;
        const std::string name = one.name;
        if (!same.empty()) one.name += "#" + std::to_string(same.size() + 1);
        kept.push_back(std::move(one));
        seen[name].push_back(&kept.back());
    }
    all = std::move(kept);
}

// With the id that its key has, for the proof alone.
Json keyed_json(const Loose& one) {
    const std::size_t slash = one.key.find('/');
    return slash == std::string::npos ? one.json : one.json.with("id", one.key.substr(slash + 1));
}

// References as a file has them, put into the form of a server's, for the proof alone.
class ToKeys final : public fhir::r4::Walker {
public:
    explicit ToKeys(const std::map<std::string, std::string, std::less<>>& keys) : keys_(keys) {}
    fhir::r4::Edit reference(const fhir::r4::Visit& visit) override {
        const auto key = keys_.find(visit.value["reference"].string());
        return key == keys_.end()
                   ? fhir::r4::Edit::keep()
                   : fhir::r4::Edit::replace(visit.value.with("reference", key->second));
    }

private:
    const std::map<std::string, std::string, std::less<>>& keys_;
};

const Loose* find_patient(const std::vector<Loose>& all, std::string_view wanted) {
    const Loose* only = nullptr;
    std::size_t count = 0;
    for (const Loose& one : all) {
        if (!one.usable || one.json["resourceType"].string() != "Patient") continue;
        if (!wanted.empty() && (one.full_url == wanted || one.name == wanted)) return &one;
        only = &one;
        ++count;
    }
    // Another than the one that is named is not ours, were it the only one.
    return count == 1 && wanted.empty() ? only : nullptr;
}

StaticText reason_of(Belonging belonging) {
    return belonging == Belonging::Wrong ? StaticText("wrong-patient")
                                         : StaticText("unproven-patient");
}

}  // namespace

Result<std::vector<InputDocument>> parse_input(std::string place, std::string text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first != std::string::npos && text[first] == '<')
        return Error(ErrorKind::Unsupported, "XML is not read yet; give JSON or NDJSON");
    if (place.ends_with(".ndjson") || looks_like_lines(text)) return parse_lines(place, text);
    std::vector<InputDocument> documents;
    Result<Json> json = Json::parse(text, input_limits);
    if (!json) {
        const auto offset = static_cast<std::size_t>(json.error().number("offset").value_or(0));
        return at_line(json.error(), line_of(text, offset));
    }
    add_documents(documents, place, *json);
    return documents;
}

Result<Record> record_from(const std::vector<InputDocument>& documents, JsonView consent,
                           Instant as_of) {
    std::vector<Loose> all = take_apart(documents);
    settle_names(all);
    Record record;
    record.pulled_at = as_of;
    const Loose* patient = find_patient(all, consent.at("patient", "reference").string());
    if (!patient && !consent.is_null())
        return Error(ErrorKind::NotFound, "the input has not the Patient that the consent names");
    if (patient) record.patient = patient->name;

    std::map<std::string, std::string, std::less<>> keys;
    for (const Loose& one : all)
        if (!one.key.empty() && !one.full_url.empty()) keys.emplace(one.full_url, one.key);
    ToKeys to_keys(keys);
    PatientIdentity identity;
    if (patient) {
        TRY_ASSIGN(const fhir::Url base, fhir::Url::parse("https://files.invalid/fhir"));
        TRY_ASSIGN(const fhir::Resource resource, fhir::Resource::from(keyed_json(*patient)));
        identity = PatientIdentity::of(base, resource);
    }
    for (Loose& one : all) {
        if (!one.usable) {
            record.rejected.push_back({one.name, "malformed"});
            continue;
        }
        TRY_ASSIGN(fhir::Resource resource, fhir::Resource::from(one.json));
        if (!consent.is_null()) {
            TRY_ASSIGN(const fhir::Resource keyed,
                       fhir::Resource::from(walk(keyed_json(one), to_keys)));
            const Belonging belonging = belonging_of(keyed, "", identity);
            if (belonging == Belonging::Wrong || belonging == Belonging::Unproven) {
                record.rejected.push_back({one.name, reason_of(belonging)});
                continue;
            }
            if (has_unknown_modifier(one.json)) {
                record.rejected.push_back({one.name, "modifier-extension"});
                continue;
            }
        }
        record.resources.push_back({one.name, one.full_url, std::move(resource)});
    }
    std::sort(record.resources.begin(), record.resources.end(),
              [](const PulledResource& left, const PulledResource& right) {
                  return left.source < right.source;
              });
    return record;
}

}  // namespace consultd
