// Versions: what becomes of several contents that came under one name. Pure, and the same in
// whatever order they came: identical ones are one, an older version is superseded, and where
// nothing says which of two contents holds, both are kept apart. versionIds are opaque, so the time
// of the update decides. https://hl7.org/fhir/R4/resource.html#Meta,
// https://hl7.org/fhir/R4/http.html#history
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapter/stages/belonging/belonging.h"
#include "fhir/base/clock.h"
#include "fhir/resource.h"

namespace consultd {

// One content of a resource, as it came.
struct Candidate {
    fhir::Json json;
    fhir::Json as_it_came = {};  // where `json` was brought into R4's shape; else null
    std::string key = {};        // "Type/id"; of one without an id, its UUID; may be empty
    std::string full_url;        // may be empty
    std::size_t file = 0;
    std::size_t position = 0;  // in the order of coming
    Belonging belonging = Belonging::Unproven;
    bool names_ours = false;            // it says that it is about our patient
    std::optional<StaticText> refusal;  // why this content is not kept
    bool is_at_home = false;  // it says what server it is from, and it is the record's: two of one
                              // name are one resource
    bool is_part = false;     // SUBSETTED: never kept as the whole
    std::size_t bytes = 0;
};

// A history says that the resource was deleted.
struct Deletion {
    std::optional<Instant> at;
    std::size_t file = 0;
    std::size_t position = 0;  // in its Bundle, which has the newest first
};

// What becomes of one content.
struct Settled {
    std::string name;  // of the resource, with "#2" and so on where several go by it
    const Candidate* candidate;
    std::optional<StaticText> rejected;  // absent: it stands
};

// Each distinct content once; those that stand first. A part beside a whole is left out.
std::vector<Settled> settle(const std::string& name, const std::vector<Candidate>& candidates,
                            const std::optional<Deletion>& deletion);

}  // namespace consultd
