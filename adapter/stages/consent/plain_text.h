// PlainText: the words of an attachment, by what its bytes are and never by what they are said to
// be. Markup is taken away so that it splits no word, and entities are letters. Knows no rule.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace consultd::consent {

inline constexpr std::size_t plain_text_bytes_max = std::size_t{64} << 20;

// Of plain text, HTML, XML (a C-CDA), JSON, RTF, each in UTF-8, UTF-16 or Latin-1; also where it is
// base64 in base64. Absent: of anything else (a PDF, an image, a zip), or larger than the limit.
std::optional<std::string> plain_text_of(std::string_view bytes);

// Tags away, entities as letters. What is no markup stays as it is.
std::string without_markup(std::string_view text);

}  // namespace consultd::consent
