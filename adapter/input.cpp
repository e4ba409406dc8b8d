#include "adapter/input.h"

#include <algorithm>
#include <map>

#include "adapter/stages/pull/patient.h"
#include "fhir/r4/from_xml.h"
#include "fhir/r4/shape.h"
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

bool looks_like_xml(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && text[first] == '<';
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
    std::string base;  // the server that its fullUrl is at; empty where it does not say
    std::size_t document = 0;
    Json json;
    bool usable = false;
};

// Where a file lies is no part of the record: the same one elsewhere gives the same packet.
std::string name_of_place(const std::string& place) {
    const std::size_t slash = place.rfind('/');
    return slash == std::string::npos ? place : place.substr(slash + 1);
}

Loose loose(const Json& json, std::string full_url, const std::string& place) {
    Loose found{.full_url = std::move(full_url), .name = name_of_place(place), .json = json};
    const fhir::Reference url = fhir::Reference::parse(found.full_url);
    if (url.form == fhir::Reference::Form::Absolute) found.base = url.base;
    constexpr std::string_view urn_uuid = "urn:uuid:";
    const Result<fhir::Resource> resource = fhir::Resource::from(json);
    found.usable = resource && fhir::r4::misshapen_element(json).empty();
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
    for (std::size_t number = 0; number < documents.size(); ++number) {
        const InputDocument& document = documents[number];
        if (document.json["resourceType"].string() != "Bundle") {
            all.push_back(loose(document.json, "", document.place));
            all.back().document = number;
            continue;
        }
        std::size_t index = 0;
        for (const JsonView& entry : document.json["entry"].items()) {
            const std::string place = document.place + "#entry[" + std::to_string(index++) + "]";
            if (!entry.has("resource")) continue;
            all.push_back(loose(document.json.share(entry["resource"]),
                                std::string(entry["fullUrl"].string()), place));
            all.back().document = number;
        }
    }
    return all;
}

bool is_patient(const Loose& one) {
    return one.usable && one.json["resourceType"].string() == "Patient";
}

bool is_unusable_patient(const Loose& one) {
    return !one.usable && one.json["resourceType"].string() == "Patient";
}

// Two Patients of one name who cannot be one person.
bool contradict(JsonView left, JsonView right) {
    const std::string_view one = left["birthDate"].string(), other = right["birthDate"].string();
    if (!one.starts_with(other) && !other.starts_with(one)) return true;
    bool share_system = false;
    for (const JsonView ours : left["identifier"].items())
        for (const JsonView theirs : right["identifier"].items()) {
            if (ours["system"].string() != theirs["system"].string()) continue;
            if (ours["value"].string() == theirs["value"].string()) return false;
            share_system = true;
        }
    return share_system;
}

enum class Same { No, Copy, Older, Newer };
// What `later` is to `held` of the same name: of two versions the one updated last stands, as in a
// pull.
Same compare(const Loose& held, const Loose& later) {
    if (!held.base.empty() && !later.base.empty() && held.base != later.base) return Same::No;
    if (same_value(held.json, later.json)) return Same::Copy;
    if (is_patient(held) && is_patient(later) && contradict(held.json, later.json)) return Same::No;
    const auto held_at = parse_instant(held.json.at("meta", "lastUpdated").string());
    const auto later_at = parse_instant(later.json.at("meta", "lastUpdated").string());
    if (!held_at || !later_at || *held_at == *later_at) return Same::No;
    return *later_at > *held_at ? Same::Newer : Same::Older;
}

// The same name twice: the same content or another version is one resource; what cannot be decided
// gets a name of its own.
void settle_names(std::vector<Loose>& all) {
    std::map<std::string, std::vector<std::size_t>> seen;
    std::vector<Loose> kept;
    kept.reserve(all.size());
    for (Loose& one : all) {
        std::vector<std::size_t>& namesakes = seen[one.name];
        Same same = Same::No;
        for (const std::size_t at : namesakes) {
            Loose& held = kept[at];
            same = compare(held, one);
            if (same == Same::No) continue;
            if (same == Same::Newer) held.json = one.json;
            if (held.full_url.empty()) held.full_url = one.full_url, held.base = one.base;
            break;
        }
        if (same != Same::No) continue;
        const std::string name = one.name;
        if (!namesakes.empty()) one.name += "#" + std::to_string(namesakes.size() + 1);
        namesakes.push_back(kept.size());
        kept.push_back(std::move(one));
    }
    all = std::move(kept);
}

// With the id that its key has, for the proof alone.
Json keyed_json(const Loose& one) {
    const std::size_t slash = one.key.find('/');
    return slash == std::string::npos ? one.json : one.json.with("id", one.key.substr(slash + 1));
}

// What URNs name in files, for the proof: each in its own file first, because another one may use
// the same for somebody else. https://hl7.org/fhir/R4/bundle.html#references
class Keys {
public:
    explicit Keys(const std::vector<Loose>& all) {
        for (const Loose& one : all) {
            if (one.key.empty() || one.full_url.empty() || !one.base.empty()) continue;
            add({one.document, one.full_url}, one.key);
            add({anywhere, one.full_url}, one.key);
        }
    }
    // Empty: nothing, or not one thing.
    std::string find(std::size_t document, const std::string& url) const {
        for (const std::size_t in : {document, anywhere})
            if (const auto found = keys_.find({in, url}); found != keys_.end())
                return found->second;
        return {};
    }

private:
    static constexpr std::size_t anywhere = static_cast<std::size_t>(-1);
    using Place = std::pair<std::size_t, std::string>;
    void add(Place place, const std::string& key) {
        const auto [found, added] = keys_.emplace(std::move(place), key);
        if (!added && found->second != key) found->second.clear();
    }
    std::map<Place, std::string> keys_;
};

// References as a file has them, put into the form of a server's, for the proof alone.
class ToKeys final : public fhir::r4::Walker {
public:
    ToKeys(const Keys& keys, std::size_t document) : keys_(keys), document_(document) {}
    fhir::r4::Edit reference(const fhir::r4::Visit& visit) override {
        const std::string key =
            keys_.find(document_, std::string(visit.value["reference"].string()));
        return key.empty() ? fhir::r4::Edit::keep()
                           : fhir::r4::Edit::replace(visit.value.with("reference", key));
    }

private:
    const Keys& keys_;
    std::size_t document_;
};

// Null: none, or none that is told from others. Conflict: two Patients have the name that is
// wanted.
Result<const Loose*> find_patient(const std::vector<Loose>& all, std::string_view wanted) {
    std::vector<const Loose*> patients, named;
    for (const Loose& one : all)
        if (is_patient(one)) patients.push_back(&one);
    // Another than the one that is named is not ours, were it the only one.
    if (wanted.empty()) return patients.size() == 1 ? patients.front() : nullptr;
    for (const Loose* one : patients)
        if (one->full_url == wanted) named.push_back(one);
    if (named.empty())
        for (const Loose* one : patients)
            if (one->key == wanted) named.push_back(one);
    if (named.size() > 1)
        return Error(ErrorKind::Conflict,
                     "the input has two Patients of the name that the consent gives");
    return named.empty() ? nullptr : named.front();
}

// The server that the record is from: the Patient's, or the only one there is. Empty: not known.
std::string base_of(const std::vector<Loose>& all, const Loose& patient) {
    if (!patient.base.empty()) return patient.base;
    std::string only;
    for (const Loose& one : all) {
        if (one.base.empty() || one.base == only) continue;
        if (!only.empty()) return {};
        only = one.base;
    }
    return only;
}

Result<PatientIdentity> identity_of(const std::vector<Loose>& all, const Loose& patient) {
    const std::string base = base_of(all, patient);
    TRY_ASSIGN(const fhir::Url url,
               fhir::Url::parse(base.empty() ? "https://files.invalid/fhir" : base));
    TRY_ASSIGN(const fhir::Resource resource, fhir::Resource::from(keyed_json(patient)));
    return PatientIdentity::of(url, resource);
}

Result<Belonging> prove(const Loose& one, const Loose& patient, const Keys& keys,
                        const PatientIdentity& identity) {
    if (is_patient(one) && &one != &patient) return Belonging::Wrong;
    ToKeys to_keys(keys, one.document);
    TRY_ASSIGN(const fhir::Resource keyed, fhir::Resource::from(walk(keyed_json(one), to_keys)));
    return belonging_of(keyed, one.base.empty() ? "" : one.full_url, identity);
}

StaticText reason_of(Belonging belonging) {
    return belonging == Belonging::Wrong ? StaticText("wrong-patient")
                                         : StaticText("unproven-patient");
}

}  // namespace

Result<std::vector<InputDocument>> parse_input(std::string place, std::string text) {
    if (looks_like_xml(text)) {
        TRY_ASSIGN(Json resource, fhir::r4::resource_from_xml(text, input_limits));
        return std::vector<InputDocument>{{std::move(place), std::move(resource)}};
    }
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
    TRY_ASSIGN(const Loose* const patient,
               find_patient(all, consent.at("patient", "reference").string()));
    if (!patient && !consent.is_null() && std::ranges::any_of(all, is_unusable_patient))
        return Error(ErrorKind::Malformed, "the input's Patient has not the shape of one in R4");
    if (!patient && !consent.is_null())
        return Error(ErrorKind::NotFound, "the input has not the Patient that the consent names");
    if (patient) record.patient = patient->name;

    const Keys keys(all);
    PatientIdentity identity;
    if (patient) {
        TRY_ASSIGN(identity, identity_of(all, *patient));
    }
    for (const Loose& one : all) {
        if (!one.usable) {
            record.rejected.push_back({one.name, "malformed"});
            continue;
        }
        TRY_ASSIGN(fhir::Resource resource, fhir::Resource::from(one.json));
        if (!consent.is_null()) {
            TRY_ASSIGN(const Belonging belonging, prove(one, *patient, keys, identity));
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
    add_gaps_of_rejected(record);
    return record;
}

}  // namespace consultd
