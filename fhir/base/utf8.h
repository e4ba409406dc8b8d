// UTF-8 (RFC 3629), read strictly: no overlong form, no surrogate, nothing over U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace consultd {

// The length of the sequence at the start of `text`, which is not empty, and its code point; 0:
// none.
std::size_t decode_utf8(std::string_view text, char32_t& code_point);

// Calls `allows` for each code point; false when the bytes are no UTF-8, or it says no.
template <class Allows>
bool every_code_point(std::string_view bytes, Allows allows) {
    while (!bytes.empty()) {
        char32_t code_point = 0;
        const std::size_t length = decode_utf8(bytes, code_point);
        if (length == 0 || !allows(code_point)) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

bool is_utf8(std::string_view bytes);
// UTF-8 without control characters, tab, line feed and carriage return excepted: R4
// datatypes.html#string, and what Unicode calls controls beyond its U+0020.
bool is_fhir_text(std::string_view bytes);

}  // namespace consultd
