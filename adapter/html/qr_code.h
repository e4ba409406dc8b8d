// QR code (ISO/IEC 18004) as a drawing in a page, by libqrencode.
#pragma once

#include <string_view>

#include "adapter/html/html_writer.h"

namespace consultd {

// Letters that fit the alphanumeric mode stay in it. False, and nothing is written: it is more than
// a code holds (4,296 such letters). `label` says in words what it is.
bool write_qr_code(HtmlWriter& out, std::string_view letters, std::string_view label);

}  // namespace consultd
