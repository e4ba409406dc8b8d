#include "adapter/stages/reading/file_form.h"

#include <algorithm>

namespace consultd {
namespace {

struct Row {
    std::size_t at;
    std::string_view mark;
    FileForm form;
};

using namespace std::string_view_literals;

// What each format begins with: ISO 32000-1 §7.5.2, ISO/IEC 15948 §5.2, ISO/IEC 10918-1 §B.1.1.3,
// TIFF 6.0 §2, RTF 1.9.1, DICOM PS3.10 §7.1.
constexpr Row rows[] = {
    {0, "%PDF-"sv, {"application/pdf", ".pdf"}},
    {0, "\x89PNG\r\n\x1a\n"sv, {"image/png", ".png"}},
    {0, "\xff\xd8\xff"sv, {"image/jpeg", ".jpg"}},
    {0, "II*\0"sv, {"image/tiff", ".tif"}},
    {0, "MM\0*"sv, {"image/tiff", ".tif"}},
    {0, "{\\rtf"sv, {"text/rtf", ".rtf"}},
    {128, "DICM"sv, {"application/dicom", ".dcm"}},
};

bool is_text(std::string_view bytes) {
    return std::ranges::none_of(bytes, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == 127 || (byte < 32 && c != '\n' && c != '\r' && c != '\t' && c != '\f');
    });
}

}  // namespace

FileForm file_form(std::string_view said_type, std::string_view bytes) {
    for (const Row& row : rows)
        if (bytes.size() > row.at && bytes.substr(row.at).starts_with(row.mark)) return row.form;
    const bool says_text = said_type.substr(0, said_type.find(';')) == "text/plain";
    if (says_text && is_text(bytes)) return {"text/plain", ".txt"};
    return {"application/octet-stream", ".bin"};
}

}  // namespace consultd
