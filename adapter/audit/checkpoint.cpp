#include "adapter/audit/checkpoint.h"

#include <charconv>

#include "fhir/base/utf8.h"

namespace consultd::audit {
namespace {

constexpr std::size_t note_bytes_max = 64 * 1024;
constexpr std::size_t signature_lines_max = 100;
constexpr std::string_view signature_start = "\xe2\x80\x94 ";  // U+2014 and a space
constexpr char ed25519_type = '\x01';
constexpr std::size_t key_id_length = 4;

Error malformed(StaticText text) { return Error(ErrorKind::Corrupt, text); }

bool is_space(char32_t c) {
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

bool is_note_text(std::string_view text) {
    return every_code_point(text, [](char32_t c) { return c >= 0x20 || c == '\n'; });
}

std::string key_id(std::string_view name, const crypto::Key& key) {
    std::string bytes(name);
    bytes.push_back('\n');
    bytes.push_back(ed25519_type);
    bytes.append(key.ed25519_public());
    return crypto::sha256(bytes).substr(0, key_id_length);
}

// Takes the text up to the next line end, and the line end, from the front.
std::optional<std::string_view> take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

std::string body_of(const Checkpoint& checkpoint) {
    return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
           crypto::base64(checkpoint.root) + "\n";
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    std::uint64_t size = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (text.empty() || fault != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    return size;
}

Result<Checkpoint> parse_body(std::string_view body) {
    const auto origin = take_line(body);
    const auto size_text = take_line(body);
    const auto root_text = take_line(body);
    if (!origin || !size_text || !root_text || !is_key_name(*origin))
        return malformed("checkpoint lacks its origin, size or root line");
    const auto size = parse_size(*size_text);
    if (!size) return malformed("checkpoint's size is no number");
    const auto root = crypto::from_base64(*root_text);
    if (!root || root->size() != 32) return malformed("checkpoint's root is no SHA-256");
    while (const auto extension = take_line(body))
        if (extension->empty()) return malformed("checkpoint has an empty line in its body");
    if (!body.empty()) return malformed("checkpoint's body does not end with a line end");
    return Checkpoint{std::string(*origin), *size, *root};
}

// How many of the signature lines are of this key; Corrupt when one of them does not verify.
Result<std::size_t> count_signatures(std::string_view lines, std::string_view body,
                                     std::string_view name, const crypto::Key& key) {
    const std::string id = key_id(name, key);
    std::size_t lines_read = 0;
    std::size_t ours = 0;
    while (!lines.empty()) {
        if (++lines_read > signature_lines_max)
            return malformed("checkpoint has more signatures than we read");
        auto line = take_line(lines);
        if (!line || !line->starts_with(signature_start))
            return malformed("checkpoint has a line that is no signature");
        line->remove_prefix(signature_start.size());
        const std::size_t space = line->find(' ');
        if (space == std::string_view::npos || !is_key_name(line->substr(0, space)))
            return malformed("checkpoint has a signature without a key name");
        const auto signature = crypto::from_base64(line->substr(space + 1));
        if (!signature || signature->size() <= key_id_length)
            return malformed("checkpoint has a signature that is no base64");
        if (line->substr(0, space) != name || !signature->starts_with(id)) continue;
        if (!key.verify(body, std::string_view(*signature).substr(key_id_length)))
            return malformed("checkpoint's signature does not verify");
        ++ours;
    }
    return ours;
}

}  // namespace

bool is_key_name(std::string_view name) {
    return !name.empty() &&
           every_code_point(name, [](char32_t c) { return c != '+' && c > 0x20 && !is_space(c); });
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::Key& key) {
    assert(is_key_name(checkpoint.origin) && checkpoint.root.size() == 32);
    const std::string body = body_of(checkpoint);
    return body + "\n" + std::string(signature_start) + checkpoint.origin + " " +
           crypto::base64(key_id(checkpoint.origin, key) + key.sign(body)) + "\n";
}

Result<Checkpoint> open_checkpoint(std::string_view note, std::string_view origin,
                                   const crypto::Key& public_key) {
    if (note.size() > note_bytes_max) return malformed("checkpoint is longer than the limit");
    if (public_key.type() != crypto::Key::Type::Ed25519)
        return Error(ErrorKind::Config, "the audit key is no Ed25519 key");
    if (!is_note_text(note)) return malformed("checkpoint is no UTF-8 text");
    const std::size_t split = note.rfind("\n\n");
    if (split == std::string_view::npos) return malformed("checkpoint has no signature");
    const std::string_view body = note.substr(0, split + 1);
    TRY_ASSIGN(Checkpoint checkpoint, parse_body(body));
    if (!origin.empty() && checkpoint.origin != origin)
        return malformed("checkpoint is of another origin");
    TRY_ASSIGN(const std::size_t ours,
               count_signatures(note.substr(split + 2), body, checkpoint.origin, public_key));
    if (ours == 0) return malformed("checkpoint has no signature of the key");
    return checkpoint;
}

std::string verifier_key(std::string_view origin, const crypto::Key& key) {
    return std::string(origin) + "+" + crypto::hex(key_id(origin, key)) + "+" +
           crypto::base64(std::string(1, ed25519_type) + key.ed25519_public());
}

Result<Verifier> parse_verifier(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.remove_suffix(1);
    if (text.starts_with("-----BEGIN ")) {
        TRY_ASSIGN(crypto::Key key, crypto::Key::from_public_pem(text));
        if (key.type() != crypto::Key::Type::Ed25519)
            return Error(ErrorKind::Malformed, "the verifier's key is no Ed25519 key");
        return Verifier{"", std::move(key)};
    }
    const Error no_verifier(ErrorKind::Malformed, "neither a verifier key nor a PEM public key");
    const std::size_t first = text.find('+');
    if (first == std::string_view::npos || text.size() < first + 10 || text[first + 9] != '+')
        return no_verifier;
    const std::string_view origin = text.substr(0, first);
    const auto id = crypto::from_hex(text.substr(first + 1, 8));
    const auto typed = crypto::from_base64(text.substr(first + 10));
    if (!is_key_name(origin) || !id || !typed || typed->size() != 33 ||
        typed->front() != ed25519_type)
        return no_verifier;
    TRY_ASSIGN(crypto::Key key,
               crypto::Key::from_ed25519_public(std::string_view(*typed).substr(1)));
    if (key_id(origin, key) != *id)
        return Error(ErrorKind::Malformed, "the verifier key's id is not that of its key");
    return Verifier{std::string(origin), std::move(key)};
}

}  // namespace consultd::audit
