#include "adapter/stages/intake/intake.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "adapter/stages/candidates/candidates.h"
#include "adapter/stages/intake/input_entries.h"
#include "adapter/stages/intake/older_release.h"
#include "fhir/r4/shape.h"
#include "fhir/reference.h"

namespace consultd {
namespace {

using fhir::JsonView;

bool is_patient(const Incoming& one) { return one.json["resourceType"].string() == "Patient"; }

bool is_usable(const Incoming& one) {
    return fhir::Resource::from(one.json).ok() && fhir::r4::misshapen_element(one.json).empty();
}

std::string key_of(const Incoming& one) {
    const Result<fhir::Resource> resource = fhir::Resource::from(one.json);
    return resource ? consultd::key_of(*resource, one.full_url) : std::string();
}

// The server that the fullUrl is at; empty where it does not say.
std::string base_of(const Incoming& one) {
    const fhir::Reference url = fhir::Reference::parse(one.full_url);
    return url.form == fhir::Reference::Form::Absolute ? std::string(url.base) : std::string();
}

// The only one there is; empty: none, or several.
std::string only_base(const std::vector<const Incoming*>& entries) {
    std::string only;
    for (const Incoming* one : entries) {
        std::string base = base_of(*one);
        if (base.empty() || base == only) continue;
        if (!only.empty()) return {};
        only = std::move(base);
    }
    return only;
}

// Our patient, as the files have them.
struct Found {
    std::string name;  // as the record calls it
    std::string key;
    std::string base;  // may be empty
    fhir::Json json;
};

// The Patients of the name that is wanted: by their fullUrl, else by "Patient/id"; of none wanted,
// all.
std::vector<const Incoming*> patients_named(const std::vector<Incoming>& all,
                                            std::string_view wanted) {
    std::vector<const Incoming*> patients, named;
    for (const Incoming& one : all)
        if (is_patient(one) && is_usable(one)) patients.push_back(&one);
    // Another than the one that is named is not ours, were it the only one.
    if (wanted.empty()) return patients;
    std::ranges::copy_if(patients, std::back_inserter(named),
                         [&](const Incoming* one) { return one->full_url == wanted; });
    if (named.empty())
        std::ranges::copy_if(patients, std::back_inserter(named),
                             [&](const Incoming* one) { return key_of(*one) == wanted; });
    return named;
}

// Of several copies and versions the one that stands; absent: none, or more than one.
std::optional<Found> find_patient(const std::vector<const Incoming*>& named) {
    std::vector<Candidate> candidates;
    std::set<std::string> keys, bases;
    for (const Incoming* one : named) {
        keys.insert(key_of(*one));
        if (!base_of(*one).empty()) bases.insert(base_of(*one));
        candidates.push_back({.json = one->json,
                              .key = key_of(*one),
                              .full_url = one->full_url,
                              .file = one->file,
                              .is_at_home = !base_of(*one).empty()});
    }
    if (keys.size() != 1 || bases.size() > 1) return std::nullopt;
    std::optional<Found> found;
    for (const Settled& one : settle("", candidates, std::nullopt)) {
        if (one.rejected) continue;
        if (found) return std::nullopt;
        const Candidate& stands = *one.candidate;
        const bool has_id = !stands.json["id"].string().empty();
        found = {has_id ? stands.key : stands.full_url, stands.key,
                 bases.empty() ? "" : *bases.begin(), stands.json};
    }
    return found;
}

// The server that the record is from: the Patient's, or the only one there is.
Addresses addresses_of(const std::vector<Incoming>& all, const std::string& patients_base) {
    std::vector<const Incoming*> entries;
    for (const Incoming& one : all) entries.push_back(&one);
    const std::string base = patients_base.empty() ? only_base(entries) : patients_base;
    const Result<fhir::Url> url = fhir::Url::parse(base);
    Addresses addresses = url ? Addresses(*url) : Addresses::of_no_server();
    for (const Incoming& one : all) {
        if (one.full_url.empty() || !base_of(one).empty()) continue;
        if (const std::string key = key_of(one); !key.empty())
            addresses.add_urn(one.file, one.full_url, key);
    }
    return addresses;
}

// "https://ehr.example/MedicationOrder/7" of what has become a MedicationRequest.
std::string renamed(std::string full_url, JsonView was, JsonView is) {
    const std::string old_name = "/" + std::string(was["resourceType"].string()) + "/";
    const std::size_t at = full_url.rfind(old_name);
    if (at == std::string::npos || full_url.starts_with("urn:")) return full_url;
    return full_url.replace(at + 1, old_name.size() - 2, is["resourceType"].string());
}

// What a resource goes by once it is R4's, whether it could be brought into it or not.
std::string name_in_r4(const Incoming& one) {
    const std::string_view id = one.json["id"].string();
    const std::string_view type = type_in_r4(one.json["resourceType"].string());
    return id.empty() ? std::string() : std::string(type) + "/" + std::string(id);
}

// Types that went into one: two resources of it under one name are two orders, and which of them a
// reference means cannot be told any more.
std::set<std::string> names_given_twice(const std::vector<Incoming>& all) {
    std::map<std::string, std::string_view> was;
    std::set<std::string> twice;
    for (const Incoming& one : all) {
        const JsonView came =
            one.as_it_came.is_null() ? JsonView(one.json) : JsonView(one.as_it_came);
        const std::string_view type = came["resourceType"].string();
        const auto [found, is_new] = was.emplace(name_in_r4(one), type);
        if (!is_new && found->second != type) twice.insert(found->first);
    }
    twice.erase("");
    return twice;
}

// A file is of one release: what says nothing of itself is of the one that others in it say.
void bring_to_r4(std::vector<Incoming>& all, std::map<std::size_t, Release> of_file) {
    for (const Incoming& one : all) {
        Release& release = of_file[one.file];
        release = std::max(release, release_of(one.json, Sign::Sure));
    }
    for (Incoming& one : all) {
        const Release sure = of_file[one.file];
        const Release from = sure != Release::R4 ? sure : release_of(one.json, Sign::Likely);
        if (from == Release::R4) continue;
        std::optional<fhir::Json> converted = to_r4(one.json, from);
        if (!converted) {
            one.is_of_other_release = sure != Release::R4;
        } else if (!same_value(*converted, one.json)) {
            one.as_it_came = std::exchange(one.json, *std::move(converted));
            one.full_url = renamed(std::move(one.full_url), one.as_it_came, one.json);
        }
    }
    const std::set<std::string> twice = names_given_twice(all);
    for (Incoming& one : all) {
        if (one.as_it_came.is_null() || !twice.contains(name_in_r4(one))) continue;
        one.json = std::exchange(one.as_it_came, {});
        one.is_of_other_release = true;
    }
}

std::map<std::size_t, Release> releases_of(const std::vector<InputDocument>& documents) {
    std::map<std::size_t, Release> of_file;
    for (std::size_t file = 0; file < documents.size(); ++file)
        if (documents[file].release != Release::R4) of_file[file] = documents[file].release;
    return of_file;
}

Error why_no_patient(const std::vector<Incoming>& all, const std::vector<const Incoming*>& named) {
    if (!named.empty())
        return Error(ErrorKind::Conflict,
                     "the input has two Patients of the name that the consent gives");
    if (!all.empty() && std::ranges::none_of(all, [](const Incoming& one) {
            return fhir::is_resource_type(one.json["resourceType"].string());
        }))
        return Error(ErrorKind::Malformed, "the input holds no FHIR resource");
    if (std::ranges::any_of(all, is_patient) && std::ranges::none_of(all, [](const Incoming& one) {
            return is_patient(one) && is_usable(one);
        }))
        return Error(ErrorKind::Malformed, "the input's Patient has not the shape of one in R4");
    return Error(ErrorKind::NotFound, "the input has not the Patient that the consent names");
}

}  // namespace

Result<Record> record_from(std::vector<InputDocument> documents, JsonView consent, Instant as_of,
                           const config::Limits& limits) {
    std::map<std::size_t, Release> releases = releases_of(documents);
    InputEntries entries = take_apart(std::move(documents));
    bring_to_r4(entries.resources, std::move(releases));
    for (Incoming& one : entries.resources)
        if (is_patient(one)) one = in_shape(std::move(one));
    const std::vector<Incoming>& all = entries.resources;
    const std::string_view wanted = consent.at("patient", "reference").string();
    const auto named = patients_named(all, wanted);
    const std::optional<Found> patient = find_patient(named);
    if (!patient && !consent.is_null()) return why_no_patient(all, named);

    Record record;
    record.pulled_at = as_of;
    record.gaps = entries.gaps;
    Addresses addresses = addresses_of(all, patient ? patient->base : "");
    if (patient) record.patient = patient->name;
    Candidates candidates =
        consent.is_null()
            ? Candidates(Bringer::Files, std::move(addresses), limits)
            : Candidates(Bringer::Files,
                         PatientIdentity::of(std::move(addresses),
                                             patient->key.substr(patient->key.find('/') + 1),
                                             patient->json),
                         limits);
    for (Incoming& one : entries.resources) TRY(candidates.add(std::exchange(one, {})));
    entries.resources = std::vector<Incoming>();
    for (const InputEntries::Deleted& gone : entries.deleted)
        if (const auto key = candidates.addresses().key(gone.address, gone.deletion.file))
            candidates.add_deletion(*key, gone.deletion);
    candidates.settle_into(record);
    return record;
}

}  // namespace consultd
