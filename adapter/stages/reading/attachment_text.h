// Attachment text: what people read of a file, where its bytes are what it is said to be and of a
// format that we read (stages/text). What comes back is text, never markup: a block a line, the
// cells of a row parted by " | ". Knows nothing of pages.
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

// Null: a format that we do not read, bytes that are not of it, or too large for a page. A PDF
// whose pages are pictures alone has no text. Lives as long as the index.
const FileText* attachment_file(fhir::JsonView attachment, const PacketIndex& index);
// Empty where there is none.
std::string attachment_text(fhir::JsonView attachment, const PacketIndex& index);

// Of HTML or XML from outside, well formed or not: scripts, styles and comments are left out.
std::string text_of_html(std::string_view html);

// The presentedForm or content attachments of a report or document, in its order.
std::vector<fhir::JsonView> attachments_of(const fhir::Resource& resource);
// The words of a Composition's sections, each after its title.
std::string text_of_sections(fhir::JsonView sections);

// Whether what it says is here: words, results, or a file with the bytes that it is said to have;
// true of what is no report and no document. What lists a report does not hold it.
bool has_content(const fhir::Resource& resource, const PacketIndex& index);

// Whether a report has words of its own, in whatever form, and is no mere list of results.
bool is_report(const fhir::Resource& report);
// What a report or document says: its conclusion, else the first of its files that we read.
std::string opening_text(const fhir::Resource& resource, const PacketIndex& index);

}  // namespace consultd
