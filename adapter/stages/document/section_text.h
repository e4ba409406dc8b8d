// Section text: the narrative of a section: one table with date, item and where it
// stands, value, status and notes, from the same statements as the page; plain
// XHTML (https://hl7.org/fhir/R4/narrative.html#xhtml). Knows nothing of the Bundle around it.
#pragma once

#include "adapter/stages/reading/sections.h"
#include "adapter/stages/reading/specimens.h"

namespace consultd {

// {"status":"generated","div":…}
fhir::Json section_text(const Section& section, const Specimens& specimens);
// The same for a section that says that nothing is known.
fhir::Json no_information_text(std::string_view words);

// The notice of a law in its first line, the words beside it, and a line for each that it covers.
fhir::Json notice_text(std::string_view notice, std::string_view words,
                       const std::vector<const Statement*>& covered);

}  // namespace consultd
