// code_form: what can be told of a code and its system without their lists: a system that is
// written otherwise than R4 names it, a code that has not its system's form. A row with one of them
// would match nothing, and nobody would notice. https://hl7.org/fhir/R4/terminologies-systems.html
#pragma once

#include "adapter/knowledge/knowledge_file.h"

namespace consultd {

// What is wrong with a code system's URI, for people; empty: nothing is known against it.
std::string system_fault(std::string_view system);
// The same of a code: LOINC's and SNOMED CT's check digits, the forms of ICD-10-CM, RxNorm, CVX;
// the codes of HL7's own systems.
std::string code_fault(std::string_view system, std::string_view code);

// Of every code in a file of sensitivity rows, or a ValueSet, that is no built-in one.
void check_codes(const KnowledgeFile& file, KnowledgeProblems& problems);

}  // namespace consultd
