#include "adapter/stages/text/text.h"

#include <algorithm>
#include <cctype>

#include "adapter/stages/text/embedded.h"
#include "adapter/stages/text/letters.h"
#include "adapter/stages/text/pdf.h"
#include "adapter/stages/text/tidy.h"
#include "fhir/base/utf8.h"

namespace consultd {
namespace {

constexpr int depth_max = 4;  // a file in a file

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& one : out) one = static_cast<char>(std::tolower(static_cast<unsigned char>(one)));
    return out;
}

// What the file or its type says of its letters: "utf-8", "windows-1252"; empty: nothing.
std::string charset_of(std::string_view bytes, std::string_view content_type) {
    for (const std::string& said : {lower(content_type), lower(bytes.substr(0, 1024))})
        for (const std::string_view name : {"charset=", "encoding="}) {
            std::size_t at = said.find(name);
            if (at == said.npos) continue;
            at = said.find_first_not_of("\"' ", at + name.size());
            if (at == said.npos) continue;
            return said.substr(at, said.find_first_of("\"' ;>?\r\n", at) - at);
        }
    return {};
}

bool is_windows(std::string_view charset) {
    return charset == "iso-8859-1" || charset == "iso-8859-15" || charset == "windows-1252" ||
           charset == "cp1252" || charset == "latin1";
}

// Letters of which ASCII's are other letters, or change what they are midway.
bool is_unknown(std::string_view charset) {
    constexpr std::string_view known[] = {"utf-8",    "utf8",      "us-ascii",
                                          "ascii",    "utf-16",    "utf-16le",
                                          "utf-16be", "iso-8859-", "windows-125"};
    return !charset.empty() && !is_windows(charset) &&
           std::ranges::none_of(known, [&](auto one) { return charset.starts_with(one); });
}

bool is_markup(std::string_view text, std::string_view content_type) {
    if (content_type.find("html") != content_type.npos) return true;
    if (content_type.starts_with("text/plain")) return false;
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first != text.npos && text[first] == '<';
}

void add_unseen(FileText& out, std::string_view more) {
    if (!more.empty()) out.unseen.append("\n").append(more);
}

FileText text_of_plain(const std::string& text) {
    FileText as_markup = text_of_markup(text);
    FileText out;
    out.shown = text;
    out.unseen = std::move(as_markup.unseen);
    if (text.find_first_of("<&") != text.npos) add_unseen(out, as_markup.shown);
    out.is_whole = as_markup.is_whole;
    return out;
}

FileText text_of_letters(const std::string& text, std::string_view content_type) {
    if (text.starts_with("{\\rtf")) return text_of_rtf(text);
    if (text.find("<ClinicalDocument") != text.npos || text.find(":ClinicalDocument") != text.npos)
        return text_of_clinical_document(text);
    return is_markup(text, content_type) ? text_of_markup(text) : text_of_plain(text);
}

std::optional<FileText> read(std::string_view bytes, std::string_view content_type, int depth);

// What stands in the text in another spelling, and the files in it: of a clinical document whose
// body is a file, that one is what people read.
void add_embedded(FileText& out, const std::string& text, int depth) {
    if (const std::string other = respelled(text); !other.empty()) {
        const FileText inner = text_of_markup(other);
        add_unseen(out, inner.shown);
        add_unseen(out, inner.unseen);
    }
    std::size_t body =
        out.form == FileText::Form::ClinicalDocument ? text.find("nonXMLBody") : text.npos;
    for (const EmbeddedFile& file : embedded_files(text)) {
        const bool is_body = file.begin > body;
        if (is_body) body = text.npos;
        if (const auto inner = read(file.bytes, {}, depth + 1)) {
            add_unseen(out, inner->unseen);
            if (is_body) {
                out.shown.append(out.shown.empty() ? "" : "\n").append(inner->shown);
                out.pages = inner->pages;
                out.blank_pages = inner->blank_pages;
            } else {
                add_unseen(out, inner->shown);
            }
            out.is_whole &= inner->is_whole;
        } else if (is_body || signature_of(file.bytes) == Signature::File) {
            out.is_whole = false;
        }
    }
}

std::optional<FileText> text_of_pdf(std::string_view bytes) {
    std::optional<PdfText> pdf = read_pdf(bytes);
    if (!pdf) return std::nullopt;
    FileText out;
    out.form = FileText::Form::Pdf;
    out.shown = tidy_pages(pdf->shown);
    out.unseen = std::move(pdf->beside);
    out.pages = pdf->pages;
    out.blank_pages = pdf->blank;
    out.is_whole = pdf->blank == 0 && pdf->unread == 0;
    return out;
}

std::optional<FileText> read(std::string_view bytes, std::string_view content_type, int depth) {
    if (bytes.size() > text_file_bytes_max || depth > depth_max) return std::nullopt;
    if (bytes.starts_with("%PDF-")) return text_of_pdf(bytes);
    // It may hold bytes of anything, which are counted as they are.
    if (bytes.starts_with("{\\rtf")) return text_of_rtf(bytes);
    if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
    std::string text;
    bool is_guessed = false;
    if (const auto order = utf16_order(bytes)) {
        text = from_utf16(bytes, *order);
    } else if (is_text(bytes)) {
        const std::string charset = charset_of(bytes, content_type);
        if (is_unknown(charset)) return std::nullopt;
        const bool is_plain_utf8 = is_utf8(bytes);
        is_guessed = !is_plain_utf8 && !is_windows(charset);
        text = is_plain_utf8 ? std::string(bytes) : from_windows(bytes);
    } else {
        return std::nullopt;
    }
    if (!is_text(text)) return std::nullopt;
    FileText out = text_of_letters(text, content_type);
    out.is_guessed = is_guessed;
    if (out.form != FileText::Form::Rtf) add_embedded(out, text, depth);
    return out;
}

}  // namespace

std::string FileText::words() const {
    std::string out = without_unseen(shown);
    out += '\n';
    out += without_unseen(unseen);
    // A word that a line's end parts.
    if (out.find("-\n") == out.npos) return out;
    const std::string broken = out;
    out += '\n';
    for (std::size_t at = 0; at < broken.size(); ++at)
        if (broken.compare(at, 2, "-\n") == 0)
            ++at;
        else
            out += broken[at];
    return out;
}

std::optional<FileText> text_of_file(std::string_view bytes, std::string_view content_type) {
    return read(bytes, lower(content_type), 0);
}

}  // namespace consultd
