#include "adapter/stages/text/embedded.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "adapter/stages/text/letters.h"
#include "fhir/base/crypto.h"
#include "fhir/base/utf8.h"

namespace consultd {
namespace {

constexpr std::size_t token_min = 24;  // letters of base64 that may be 18 bytes

bool is_base64(char one) {
    return std::isalnum(static_cast<unsigned char>(one)) != 0 || one == '+' || one == '/' ||
           one == '=';
}
bool is_space(char one) { return one == ' ' || one == '\t' || one == '\r' || one == '\n'; }

std::optional<std::uint32_t> hex_of(std::string_view digits, std::size_t count) {
    std::uint32_t code = 0;
    if (digits.size() < count) return std::nullopt;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + count, code, 16);
    return error == std::errc() && end == digits.data() + count ? std::optional(code)
                                                                : std::nullopt;
}

// Bytes that were written with a sign before them; a line's end after "=" is none.
std::string unescaped(std::string_view text, char sign) {
    std::string out;
    bool is_any = false;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == sign) {
            const std::string_view rest = text.substr(at + 1);
            if (sign == '=' && (rest.starts_with("\n") || rest.starts_with("\r\n"))) {
                at += rest[0] == '\n' ? 2 : 3;
                is_any = true;
                continue;
            }
            if (const auto code = hex_of(rest, 2)) {
                out += static_cast<char>(*code);
                at += 3;
                is_any = true;
                continue;
            }
        }
        out += text[at++];
    }
    if (!is_any) return {};
    return is_utf8(out) ? out : from_windows(out);
}

std::string without_json_escapes(std::string_view text) {
    std::string out;
    bool is_any = false;
    for (std::size_t at = 0; at < text.size();) {
        const auto code =
            text.substr(at).starts_with("\\u") ? hex_of(text.substr(at + 2), 4) : std::nullopt;
        if (code) {
            append_letter(*code, out);
            is_any = true;
        } else {
            out += text[at];
        }
        at += code ? 6 : 1;
    }
    return is_any ? out : std::string();
}

// The words of a mail's header, "=?utf-8?B?SElW?=".
// https://www.rfc-editor.org/rfc/rfc2047#section-2 Those in "Q" are quoted-printable, which is read
// anyway.
std::string words_of_header(std::string_view text) {
    std::string out;
    for (std::size_t at = text.find("=?"); at != text.npos; at = text.find("=?", at + 2)) {
        const std::size_t kind = text.find('?', at + 2);
        if (kind == text.npos || kind + 3 > text.size() || text[kind + 2] != '?' ||
            (text[kind + 1] != 'B' && text[kind + 1] != 'b'))
            continue;
        const std::size_t begin = kind + 3, end = std::min(text.find("?=", begin), text.size());
        if (const auto bytes = crypto::from_base64(text.substr(begin, end - begin)))
            out += is_utf8(*bytes) ? *bytes : from_windows(*bytes);
    }
    return out;
}

// "data:text/plain;base64,SElW", "Content-Transfer-Encoding: base64": what follows is, however
// short.
bool is_said_to_be_base64(std::string_view before) {
    constexpr std::string_view name = "base64";
    while (!before.empty() && (is_space(before.back()) || before.back() == ','))
        before.remove_suffix(1);
    return before.size() >= name.size() &&
           std::ranges::equal(before.substr(before.size() - name.size()), name, {},
                              [](unsigned char one) { return std::tolower(one); });
}

}  // namespace

std::string respelled(std::string_view text) {
    std::string out;
    if (text.find("=?") != text.npos) out.append(words_of_header(text)).append("\n");
    if (text.find('=') != text.npos) out += unescaped(text, '=');
    if (text.find('%') != text.npos) out.append("\n").append(unescaped(text, '%'));
    if (text.find("\\u") != text.npos) out.append("\n").append(without_json_escapes(text));
    return out;
}

std::vector<EmbeddedFile> embedded_files(std::string_view text) {
    std::vector<EmbeddedFile> out;
    for (std::size_t at = 0; at < text.size();) {
        if (!is_base64(text[at])) {
            ++at;
            continue;
        }
        // Lines of it, the last of which may be short.
        const std::size_t begin = at;
        std::string run;
        const std::size_t first_min = is_said_to_be_base64(text.substr(0, begin)) ? 4 : token_min;
        while (at < text.size() && is_base64(text[at])) {
            const std::size_t token = at;
            while (at < text.size() && is_base64(text[at])) ++at;
            const std::size_t size = at - token;
            if (run.empty() && size < first_min) break;
            run += text.substr(token, size);
            std::size_t next = at;
            while (next < text.size() && is_space(text[next])) ++next;
            if (size < token_min || text.substr(at, next - at).find('\n') == text.npos) break;
            at = next;
        }
        if (run.empty()) continue;
        // What stands before it without a blank (a comma, a colon) is no part; its padding may be
        // left out.
        const std::size_t end = run.find_last_not_of('=');
        run.resize(end == run.npos ? 0 : end + 1);
        if (run.size() % 4 == 1) run.pop_back();
        while (run.size() % 4 != 0) run += '=';
        std::optional<std::string> bytes = crypto::from_base64(run);
        if (!bytes && run.size() >= 8) {
            run.resize(run.size() - 4);  // a last letter that no encoder writes
            bytes = crypto::from_base64(run);
        }
        if (bytes) out.push_back({begin, std::move(*bytes)});
    }
    return out;
}

Signature signature_of(std::string_view bytes) {
    using namespace std::string_view_literals;
    constexpr std::array pictures = {"\x89PNG"sv, "\xff\xd8\xff"sv, "GIF8"sv, "II*\0"sv,
                                     "MM\0*"sv,   "RIFF"sv,         "BM"sv};
    constexpr std::array files = {"PK\x03\x04"sv, "%PDF-"sv, "\xd0\xcf\x11\xe0"sv,
                                  "\x1f\x8b"sv,   "Rar!"sv,  "7z\xbc\xaf"sv};
    const auto begins = [&](std::string_view sign) { return bytes.starts_with(sign); };
    if (std::ranges::any_of(files, begins)) return Signature::File;
    return std::ranges::any_of(pictures, begins) ? Signature::Picture : Signature::None;
}

}  // namespace consultd
