// Extension text: what extensions say that no rule of ours reads: each with its name, as its URL
// ends, and its value, so that nothing a source knows is lost on the way. Identifiers, links and
// what a machine alone needs are no words for people.
// https://hl7.org/fhir/R4/extensibility.html
#pragma once

#include "adapter/stages/reading/display.h"

namespace consultd {

// "histology morphology behavior: Lobular carcinoma; …"; of a resource's own extensions, of those
// within one another too. Nothing of who and where people are.
std::string extensions_text(const fhir::Resource& resource);

// Of a list of concepts each with the values of its extensions: "Breast structure (Left)".
std::string sites_text(fhir::JsonView concepts);

}  // namespace consultd
