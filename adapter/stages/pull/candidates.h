// Candidates: what came from the source, each resource once, before it is known whether it is kept.
// It decides which of several copies stands, rejects what must not be kept, and counts bytes. It
// must not know where a resource came from or how.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapter/stages/pull/patient.h"
#include "adapter/stages/record.h"
#include "config/config.h"

namespace consultd {

struct Candidate {
    fhir::Resource resource;
    std::string full_url;
    Belonging belonging;
    std::size_t bytes = 0;
    bool subsetted = false;  // a part of the resource: never kept as the whole
    bool scanned = false;    // its references were looked at
};

class Candidates {
public:
    Candidates(const PatientIdentity& patient, const config::Limits& limits)
        : patient_(patient), limits_(limits) {}

    // Takes a resource in, under its "Type/id" (its fullUrl where it has no id). The same version
    // twice is one; of two versions the one updated last stands. Conflict: one version with two
    // contents. TooLarge: the record is over its limits.
    Status add(const fhir::Json& json, const std::string& full_url);
    // Bytes that an attachment's URL gave: a Binary, shared, under `name`; rejected where they are
    // another patient's resource.
    Status add_binary(std::string name, std::string full_url, const fhir::Json& binary);

    bool knows(std::string_view name) const {
        return held_.find(name) != held_.end() || rejected_.find(name) != rejected_.end();
    }
    const fhir::Url& base() const { return patient_.base; }
    const Candidate* find(std::string_view name) const;
    std::map<std::string, Candidate, std::less<>>& held() { return held_; }
    const std::map<std::string, Candidate, std::less<>>& held() const { return held_; }
    const std::map<std::string, StaticText, std::less<>>& rejected() const { return rejected_; }
    // For good: whatever comes under that name later is not kept either.
    void reject(const std::string& name, StaticText reason);

private:
    Status keep(std::string name, Candidate candidate);
    PatientIdentity patient_;
    config::Limits limits_;
    std::map<std::string, Candidate, std::less<>> held_;
    std::map<std::string, StaticText, std::less<>> rejected_;
    std::uint64_t bytes_ = 0;
    std::size_t nameless_ = 0;
};

}  // namespace consultd
