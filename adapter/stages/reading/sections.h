// Sections: which resource stands in which section of the document, as a table. The first row that
// takes a resource has it; what a row takes is said by type, category, code and standing. A
// resource that no row takes lies in the last section, unless something that stands in the document
// leads to it. Follows Composition-uv-ips 1.1.0 and the entry types of 2.0.0:
// http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips Knows nothing of narratives and
// pages.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "adapter/stages/reading/statement.h"

namespace consultd {

struct SectionRow {
    StaticText loinc;
    StaticText title;
    std::span<const StaticText> types;
    // Codes of `category` (or a Consent's `scope`); empty: any or none.
    std::span<const StaticText> categories;
    std::span<const StaticText> codes;   // LOINC codes of `code` or `type`; empty: any
    std::span<const Standing> only;      // of one of these, above all; empty: of any
    std::span<const Standing> not_with;  // of none of these
    std::span<const StaticText> single;  // LOINC codes of which the section takes the newest only
    StaticText required_code = "";  // of absent-unknown-uv-ips; empty: the section may be left out
};

std::span<const SectionRow> section_rows();
// The section for what no other takes and nothing leads to.
const SectionRow& additional_section();

struct Section {
    const SectionRow* row;
    std::vector<const Statement*> entries;  // newest first
};

// The sections that have entries or are required, in the order of the table; without the last one.
std::vector<Section> sort_into_sections(const Reading& reading);

// What stands in none of them, though nothing but its standing keeps it out: its word must be read
// even where another resource leads to it.
std::vector<const Statement*> kept_out(const Reading& reading,
                                       const std::vector<Section>& sections);

// The full URLs that each resource's References name, in its own order.
std::vector<std::string> references_of(const fhir::Json& resource);

}  // namespace consultd
