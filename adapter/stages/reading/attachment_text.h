// Attachment text: what a file says in words, where its format is one that we read: plain text,
// HTML, RTF, and the sections of a C-CDA document. What comes back is text, never markup: a block a
// line, the cells of a row parted by " | ". Knows nothing of pages.
// https://hl7.org/fhir/R4/datatypes.html#Attachment
#pragma once

#include <string>
#include <string_view>

#include "adapter/stages/reading/display.h"

namespace consultd {

// The bytes of an attachment, its own or those of the Binary it points to; empty: not here, or more
// than `bytes_max`.
std::string attachment_bytes(fhir::JsonView attachment, const PacketIndex& index,
                             std::size_t bytes_max);

// Empty: a format that we do not read, bytes that are not of it, or too large for a page.
std::string attachment_text(fhir::JsonView attachment, const PacketIndex& index);

// Of HTML or XML from outside, well formed or not: scripts, styles and comments are left out.
std::string text_of_html(std::string_view html);
// https://www.biblioscape.com/rtf15_spec.htm: what is shown, without fonts, pictures and fields.
std::string text_of_rtf(std::string_view rtf);

// The presentedForm or content attachments of a report or document, in its order.
std::vector<fhir::JsonView> attachments_of(const fhir::Resource& resource);
// Whether a report has words of its own, in whatever form, and is no mere list of results.
bool is_report(const fhir::Resource& report);
// What a report or document says: its conclusion, else the first of its files that we read.
std::string opening_text(const fhir::Resource& resource, const PacketIndex& index);

}  // namespace consultd
