#include "adapter/html/qr_code.h"

#include <qrencode.h>

#include <memory>
#include <string>

namespace consultd {
namespace {

constexpr std::size_t quiet = 4;  // modules around it that must be bright

}  // namespace

bool write_qr_code(HtmlWriter& out, std::string_view letters, std::string_view label) {
    // Level L: as a code on paper that is large already.
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString(std::string(letters).c_str(), 0, QR_ECLEVEL_L, QR_MODE_8, 1),
        QRcode_free);
    if (!code) return false;
    const auto width = static_cast<std::size_t>(code->width);
    const auto is_dark = [&](std::size_t x, std::size_t y) {
        return x < width && (code->data[y * width + x] & 1U) != 0;
    };
    out.markup("<svg class=\"qr\" role=\"img\" aria-label=\"").text(label);
    out.markup("\" viewBox=\"0 0 ").number(width + 2 * quiet).markup(" ");
    out.number(width + 2 * quiet).markup("\"><path fill=\"#fff\" d=\"M0 0H");
    out.number(width + 2 * quiet).markup("V").number(width + 2 * quiet);
    out.markup("H0z\"/><path d=\"");
    for (std::size_t y = 0; y < width; ++y)
        for (std::size_t x = 0; x < width; ++x) {
            if (!is_dark(x, y) || (x > 0 && is_dark(x - 1, y))) continue;
            std::size_t end = x;
            while (is_dark(end, y)) ++end;
            out.markup("M").number(x + quiet).markup(" ").number(y + quiet);
            out.markup("H").number(end + quiet).markup("v1H").number(x + quiet).markup("z");
        }
    out.markup("\"/></svg>\n");
    return true;
}

}  // namespace consultd
