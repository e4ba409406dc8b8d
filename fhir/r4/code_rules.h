// code_rules: what R4 itself can tell of a code: whether a code system that its definitions list
// holds it, whether a concept keeps its required binding, whether a code of a list too long to be
// listed has its form (https://hl7.org/fhir/R4/terminologies.html). Knows values, not resources; of
// LOINC, SNOMED CT and what else is not HL7's own it tells nothing.
#pragma once

#include <optional>
#include <string_view>

#include "fhir/json.h"
#include "fhir/r4/elements.h"
#include "fhir/r4/validate.h"

namespace consultd::fhir::r4 {

struct CodeFault {
    Finding::Severity severity;
    StaticText text;
};

// What is wrong with a Coding's or a Quantity's `code` in its `system`. Error: the system is FHIR's
// own and R4 does not have the code there, or has it in other letters. Warning: the system is HL7's
// and went on after R4, so a later edition may have the code. Absent: right, or nothing is known.
std::optional<CodeFault> code_fault(std::string_view system, std::string_view version,
                                    std::string_view code);

// Whether a CodeableConcept lacks a coding of the value set that `element` requires. One that says
// only why it is absent lacks nothing.
bool breaks_required_binding(const Element& element, JsonView concept_value);

// Whether `code` has the form that `element` requires: a MIME type, a currency.
bool has_required_form(const Element& element, std::string_view code);

}  // namespace consultd::fhir::r4
