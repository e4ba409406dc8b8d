// Text: the words of a file, by what its bytes are: plain text, HTML, XML, C-CDA, RTF, PDF, in
// UTF-8, UTF-16 or Windows' letters. Read once for both who ask: the page shows what people read of
// the file; the consent decides by everything that stands in it, also where nobody looks (comments,
// attributes, hidden groups, a file in base64 inside the file). What comes back is text, never
// markup. Knows no rule and no page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace consultd {

inline constexpr std::size_t text_file_bytes_max = std::size_t{64} << 20;

struct FileText {
    enum class Form : std::uint8_t { Plain, Markup, ClinicalDocument, Rtf, Pdf };

    Form form = Form::Plain;
    std::string shown;   // what people read of it: a block a line, the cells of a row with " | "
    std::string unseen;  // what stands in it beside that
    std::size_t pages = 0, blank_pages = 0;  // of a PDF; blank: pictures, or nothing
    bool is_whole = true;                    // no part of it is of a form that nobody here reads
    bool is_guessed =
        false;  // its letters are a guess: good for looking for words, not for showing

    // All of it as words are looked for: without what parts them unseen.
    std::string words() const;
};

// Absent: of anything else (an image, a zip, an encrypted PDF), or larger than the limit. Markup is
// read where the bytes look like it and the type does not say that they are plain text.
std::optional<FileText> text_of_file(std::string_view bytes, std::string_view content_type = {});

// Of markup or of plain text, which may hold some.
FileText text_of_markup(std::string_view markup);
// https://www.biblioscape.com/rtf15_spec.htm
FileText text_of_rtf(std::string_view rtf);
// What people read of a C-CDA document: the title of each section and its text
// (https://hl7.org/cda/stds/ccda/; the entries beside it are for machines, and unseen).
FileText text_of_clinical_document(std::string_view xml);

}  // namespace consultd
