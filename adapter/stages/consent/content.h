// Content: what a Consent's rules may ask of one resource: its class, codes, labels and clinical
// times, by the facts of R4. Knows no rule and no decision. It looks at JSON that the caller keeps
// alive.
// https://hl7.org/fhir/R4/consent-definitions.html#Consent.provision
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "adapter/knowledge/sensitivity.h"
#include "fhir/datetime.h"
#include "fhir/json.h"

namespace consultd::consent {

// Of a rule, or of one of its fields, and a resource.
enum class Match : std::uint8_t { No, Unknown, Yes };

struct Coded {
    std::string_view system;  // may be empty
    std::string_view code;
};

struct ClinicalTimes {
    std::vector<fhir::Interval> known;
    bool has_unreadable = false;  // an age, a text, a timing, a broken date
    bool is_timeless = false;  // of a type that says nothing of a time: Patient, Organization …
};

struct Content {
    std::string_view type;
    std::vector<std::string_view> profiles;  // meta.profile without the version
    std::vector<Coded> codings;              // anywhere: contained resources and extensions too
    std::vector<Coded> main_codes;           // of what the resource is about: Observation.code …
    bool main_code_is_undecidable = false;  // it should have a main code, and has only text or none
    std::vector<Coded> document_types;      // of a document or report: type, code and category
    bool is_document = false;               // of a type that has such
    std::vector<std::string_view> mime_types;  // of its attachments
    bool has_untyped_attachment = false;       // one does not say what it is
    std::vector<Coded> labels;  // meta.security, those of its elements, the container's with them
    // What its codes, names and texts betray, each matter once; filled by signs.h.
    Sensitivity::Signs implied;
    bool has_unknown_code = false;  // a code of what it is about that nobody knows, without a name
    bool has_unreadable = false;    // an attachment whose words cannot be read
    ClinicalTimes times;
    std::vector<fhir::Interval> parts;  // see dated_parts_of; filled where a rule is on times
};

// `container` is the content of the resource that contains this one, whose labels and times it
// shares.
Content content_of(fhir::JsonView resource, const Content* container = nullptr);

// A date without a zone may mean any, unless another is said.
ClinicalTimes clinical_times_of(fhir::JsonView resource,
                                fhir::Datetime::Zone zone = fhir::Datetime::Zone::AnyZone);
// When what stands inside it was written or was so: a note's time, a stay's periods, an answer's
// date. Not what an identifier, a name or an address holds for, nor the days of people's birth and
// of things' making.
std::vector<fhir::Interval> dated_parts_of(const fhir::Json& resource);

// "Observation/7" of "Observation/7#2", which is a file's second one of that name.
inline std::string_view without_number(std::string_view source) {
    return source.substr(0, source.find('#'));
}

// Types without a patient, which others share: kept for the sake of what refers to them.
bool is_shared_type(std::string_view type);

}  // namespace consultd::consent
