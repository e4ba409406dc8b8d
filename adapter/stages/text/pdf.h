// PDF: the text of a PDF, read by another process (pdf/main.cpp), which may crash, hang or be taken
// over without harm: this side waits for so long, takes so many bytes, believes none of them and
// goes on. Where that program is not beside this one, no PDF can be read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace consultd {

struct PdfText {
    std::string shown;   // its pages, each ended by a form feed
    std::string beside;  // what stands on no page: title, author, bookmarks …
    std::size_t pages = 0;
    std::size_t blank = 0;   // pages on which no word is text: pictures, or nothing
    std::size_t unread = 0;  // what of it was not looked at: files in it, pages over the limit …
};

// Absent: no PDF, one that asks for a password, or one that is too much for the limits.
std::optional<PdfText> read_pdf(std::string_view bytes);

}  // namespace consultd
