// Embedded: what stands in a text in another spelling: quoted-printable, the escapes of JSON and of
// URLs, and whole files in base64.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace consultd {

// The text as each of these spellings means it, where it has any of it; empty: none.
// RFC 2045 §6.7, RFC 8259 §7, RFC 3986 §2.1.
std::string respelled(std::string_view text);

// A run of base64 (RFC 4648 §4) that may be a file; lines may break it.
struct EmbeddedFile {
    std::size_t begin;  // in the text
    std::string bytes;
};
std::vector<EmbeddedFile> embedded_files(std::string_view text);

enum class Signature { None, Picture, File };
// By its first bytes, of those that are no text.
Signature signature_of(std::string_view bytes);

}  // namespace consultd
