// Specimens: in what something was measured, as far as it tells values apart: what is drawn from a
// vein is one specimen to a reader, whether the laboratory calls it blood, serum or plasma; urine,
// an artery's blood and each other fluid is one of its own; so is what was taken from another
// place, and another gene. Knows no analyte.
#pragma once

#include <map>

#include "adapter/stages/reading/statement.h"

namespace consultd {

struct SpecimenSaid {
    std::string kind;   // "blood", "urine" …; what no table knows: its own words; empty: not said
    std::string words;  // as the record has it
    bool is_of_site = false;  // nothing but the site names it
};

// What else than its name a value is of.
struct Origin {
    SpecimenSaid specimen;
    std::string
        apart;  // that makes it a value of something else, in lower case: site, gene, change
    std::string
        words;  // beside its name, as the record has it: specimen, site, how it was looked at
};

// Of a concept: by code (SNOMED CT, HL7 v2 table 0487), else by the words of it.
SpecimenSaid specimen_kind(fhir::JsonView type);
// What a name says aloud that is not drawn from a vein: "urine" of "Creatinine, urine". Empty: does
// not say.
std::string specimen_in_name(std::string_view name);

// By each Observation, or by the one specimen of the report that it is a result of.
// https://hl7.org/fhir/R4/observation-definitions.html#Observation.specimen, and .bodySite,
// .method; https://hl7.org/fhir/R4/extension-observation-specimencode.html, …-geneticsgene.html;
// the components that say what was looked at: https://hl7.org/fhir/uv/genomics-reporting/STU2
class Specimens {
public:
    explicit Specimens(const Reading& reading);
    Origin of(const Statement& observation) const;

private:
    struct Taken {
        fhir::JsonView specimen;   // null: only its reference is here
        std::string_view display;  // of the reference
    };
    Taken taken(const Statement& observation) const;
    const Reading& reading_;
    std::map<const PacketResource*, fhir::JsonView> report_of_;  // of one specimen, by its result
};

}  // namespace consultd
