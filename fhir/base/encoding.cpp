// The encodings of crypto.h: hex, base64, base64url, base45 and UUIDs. No OpenSSL: its decoders
// take what RFC 4648 forbids.
#include <array>
#include <cassert>

#include "fhir/base/crypto.h"

namespace consultd::crypto {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";
constexpr std::string_view alphabet_standard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view alphabet_url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::string_view alphabet_45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

constexpr std::uint8_t not_a_digit = 0xff;
using Digits = std::array<std::uint8_t, 256>;

constexpr Digits digits_of(std::string_view alphabet) {
    Digits digits{};
    digits.fill(not_a_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return digits;
}
constexpr Digits digits_standard = digits_of(alphabet_standard);
constexpr Digits digits_url = digits_of(alphabet_url);
constexpr Digits digits_45 = digits_of(alphabet_45);

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

std::string encode(std::string_view bytes, std::string_view alphabet, bool padded) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    std::size_t at = 0;
    for (; at + 3 <= bytes.size(); at += 3) {
        const std::uint32_t group =
            byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
        out += alphabet[group >> 18];
        out += alphabet[group >> 12 & 63];
        out += alphabet[group >> 6 & 63];
        out += alphabet[group & 63];
    }
    const std::size_t left = bytes.size() - at;
    if (left == 0) return out;
    const std::uint32_t group =
        byte_at(bytes, at) << 16 | (left == 2 ? byte_at(bytes, at + 1) << 8 : 0U);
    out += alphabet[group >> 18];
    out += alphabet[group >> 12 & 63];
    if (left == 2) out += alphabet[group >> 6 & 63];
    if (padded) out.append(3 - left, '=');
    return out;
}

bool is_white_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Takes digits one by one; `finish` refuses a single digit left over and bits that are not zero.
class Decoder {
public:
    explicit Decoder(const Digits& digits) : digits_(digits) {}
    bool add(char c) {
        const std::uint8_t digit = digits_[static_cast<unsigned char>(c)];
        if (digit == not_a_digit) return false;
        group_ = group_ << 6 | digit;
        if (++count_ % 4 == 0) {
            out_ += static_cast<char>(group_ >> 16 & 0xff);
            out_ += static_cast<char>(group_ >> 8 & 0xff);
            out_ += static_cast<char>(group_ & 0xff);
            group_ = 0;
        }
        return true;
    }
    std::size_t digits_in_last_group() const { return count_ % 4; }
    std::optional<std::string> finish() {
        switch (digits_in_last_group()) {
            case 0:
                return std::move(out_);
            case 2:
                if ((group_ & 0xf) != 0) return std::nullopt;
                out_ += static_cast<char>(group_ >> 4 & 0xff);
                return std::move(out_);
            case 3:
                if ((group_ & 0x3) != 0) return std::nullopt;
                out_ += static_cast<char>(group_ >> 10 & 0xff);
                out_ += static_cast<char>(group_ >> 2 & 0xff);
                return std::move(out_);
            default:
                return std::nullopt;
        }
    }
    void reserve(std::size_t bytes) { out_.reserve(bytes); }

private:
    const Digits& digits_;
    std::string out_;
    std::uint32_t group_ = 0;
    std::size_t count_ = 0;
};

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string uuid_text(std::string bytes, int version) {
    bytes[6] = static_cast<char>((bytes[6] & 0x0f) | version << 4);
    bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
    std::string out;
    out.reserve(36);
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += hex(std::string_view(bytes).substr(i, 1));
    }
    return out;
}

}  // namespace

std::string hex(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        out += hex_digits[byte_at(bytes, i) >> 4];
        out += hex_digits[byte_at(bytes, i) & 15];
    }
    return out;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high << 4 | low);
    }
    return out;
}

std::string base64(std::string_view bytes) { return encode(bytes, alphabet_standard, true); }

std::string base64url(std::string_view bytes) { return encode(bytes, alphabet_url, false); }

std::optional<std::string> from_base64(std::string_view text, WhiteSpace white_space) {
    Decoder decoder(digits_standard);
    decoder.reserve(text.size() / 4 * 3);
    std::size_t padding = 0;
    for (const char c : text) {
        if (white_space == WhiteSpace::Skip && is_white_space(c)) continue;
        if (c == '=')
            ++padding;
        else if (padding != 0 || !decoder.add(c))
            return std::nullopt;
    }
    const std::size_t last = decoder.digits_in_last_group();
    if (padding != (last == 0 ? 0 : 4 - last)) return std::nullopt;
    return decoder.finish();
}

std::optional<std::string> from_base64url(std::string_view text) {
    Decoder decoder(digits_url);
    decoder.reserve(text.size() / 4 * 3 + 2);
    for (const char c : text)
        if (!decoder.add(c)) return std::nullopt;
    return decoder.finish();
}

std::string base45(std::string_view bytes) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        const bool is_pair = at + 1 < bytes.size();
        std::uint32_t value =
            is_pair ? byte_at(bytes, at) << 8 | byte_at(bytes, at + 1) : byte_at(bytes, at);
        for (int i = is_pair ? 3 : 2; i > 0; --i) {
            out += alphabet_45[value % 45];
            value /= 45;
        }
    }
    return out;
}

std::optional<std::string> from_base45(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += 3) {
        const std::string_view group = text.substr(at, 3);
        std::uint32_t value = 0, weight = 1;
        for (const char letter : group) {
            const std::uint8_t digit = digits_45[static_cast<unsigned char>(letter)];
            if (digit == not_a_digit) return std::nullopt;
            value += digit * weight;
            weight *= 45;
        }
        if (group.size() == 1 || value > (group.size() == 3 ? 0xFFFFU : 0xFFU)) return std::nullopt;
        if (group.size() == 3) out += static_cast<char>(value >> 8);
        out += static_cast<char>(value & 0xFF);
    }
    return out;
}

std::string uuid_v5(std::string_view namespace_uuid, std::string_view name) {
    std::string digits;
    for (const char c : namespace_uuid)
        if (c != '-') digits += c;
    const std::optional<std::string> space = from_hex(digits);
    assert(space && space->size() == 16);
    std::string bytes = *space;
    bytes += name;
    return uuid_text(sha1(bytes).substr(0, 16), 5);
}

std::string uuid_v4(Random& random) { return uuid_text(random.bytes(16), 4); }

}  // namespace consultd::crypto
