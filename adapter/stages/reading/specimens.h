// Specimens: in what something was measured, as far as it tells values apart: what is drawn from a
// vein is one specimen to a reader, whether the laboratory calls it blood, serum or plasma; urine,
// an artery's blood and each other fluid is one of its own. Knows no analyte.
#pragma once

#include <map>

#include "adapter/stages/reading/statement.h"

namespace consultd {

struct SpecimenSaid {
    std::string kind;   // "blood", "urine" …; what no table knows: its own words; empty: not said
    std::string words;  // as the record has it
};

// Of a concept: by code (SNOMED CT, HL7 v2 table 0487), else by the words of it.
SpecimenSaid specimen_kind(fhir::JsonView type);
// What a name says aloud that is not drawn from a vein: "urine" of "Creatinine, urine". Empty: does
// not say.
std::string specimen_in_name(std::string_view name);

// By each Observation, or by the one specimen of the report that it is a result of.
// https://hl7.org/fhir/R4/observation-definitions.html#Observation.specimen
class Specimens {
public:
    explicit Specimens(const Reading& reading);
    SpecimenSaid of(const Statement& observation) const;

private:
    const Reading& reading_;
    std::map<const PacketResource*, fhir::JsonView> report_of_;  // of one specimen, by its result
};

}  // namespace consultd
