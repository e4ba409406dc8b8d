// Json as compact text. Our own writer, because most of a packet's bytes pass through here: it
// copies what needs no escape in one piece, where RapidJSON's looks at each character by itself. It
// escapes what RFC 8259 §7 demands and nothing more.
#include <algorithm>
#include <array>
#include <cstring>

#include "fhir/json.h"

namespace consultd::fhir {
namespace {

using Kind = JsonView::Kind;

constexpr std::uint64_t each_byte = 0x0101010101010101U;

// Some byte of the eight is a quotation mark, a backslash or a control character.
bool any_escaped(const char* eight) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, eight, sizeof bytes);
    const auto has_zero = [](std::uint64_t value) { return (value - each_byte) & ~value; };
    const std::uint64_t found = has_zero(bytes ^ each_byte * '"') |
                                has_zero(bytes ^ each_byte * '\\') |
                                ((bytes - each_byte * 0x20) & ~bytes);
    return (found & each_byte * 0x80) != 0;
}

bool is_escaped(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

std::size_t plain_length(std::string_view text) {
    std::size_t at = 0;
    while (at + 8 <= text.size() && !any_escaped(text.data() + at)) at += 8;
    while (at < text.size() && !is_escaped(text[at])) ++at;
    return at;
}

void append_escape(std::string& out, char c) {
    constexpr std::string_view with_letter = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
    constexpr std::string_view digits = "0123456789ABCDEF";
    out += '\\';
    if (const std::size_t found = with_letter.find(c); found != std::string_view::npos) {
        out += letters[found];
        return;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += "u00";
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
}

void append_string(std::string& out, std::string_view text) {
    out += '"';
    while (true) {
        const std::size_t plain = plain_length(text);
        out += text.substr(0, plain);
        if (plain == text.size()) break;
        append_escape(out, text[plain]);
        text.remove_prefix(plain + 1);
    }
    out += '"';
}

// RFC 8785 §3.2.3 sorts by UTF-16 code units. UTF-8 has the same order, but that a character past
// U+FFFF (a surrogate pair there) comes before U+E000..U+FFFF.
bool canonical_less(std::string_view left, std::string_view right) {
    const auto [l, r] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
    if (l == left.end() || r == right.end()) return r != right.end();
    const auto a = static_cast<unsigned char>(*l);
    const auto b = static_cast<unsigned char>(*r);
    const auto high = [](unsigned char byte) { return byte == 0xEE || byte == 0xEF; };
    if (a >= 0xF0 && high(b)) return true;
    if (b >= 0xF0 && high(a)) return false;
    return a < b;
}

enum class Order { AsIs, Canonical };

template <Order order>
class Printer {
public:
    // After each value `full` may take what has been written.
    template <class Full>
    static void print(std::string& out, const JsonView& value, const Full& full) {
        switch (value.kind()) {
            case Kind::Null:
                out += "null";
                break;
            case Kind::False:
                out += "false";
                break;
            case Kind::True:
                out += "true";
                break;
            case Kind::Number:
                out += value.number();
                break;
            case Kind::String:
                append_string(out, value.string());
                break;
            case Kind::Array:
                print_array(out, value, full);
                break;
            case Kind::Object:
                print_object(out, value, full);
                break;
        }
        full(out);
    }

private:
    template <class Full>
    static void print_array(std::string& out, const JsonView& value, const Full& full) {
        char before = '[';
        for (const JsonView& item : value.items()) {
            out += std::exchange(before, ',');
            print(out, item, full);
        }
        out += before == '[' ? "[]" : "]";
    }

    template <class Full>
    static void print_object(std::string& out, const JsonView& value, const Full& full) {
        char before = '{';
        const auto print_member = [&](const JsonMember& member) {
            out += std::exchange(before, ',');
            append_string(out, member.name());
            out += ':';
            print(out, member.value, full);
        };
        if constexpr (order == Order::AsIs) {
            for (const JsonMember& member : value.members()) print_member(member);
        } else {
            std::vector<const JsonMember*> members;
            for (const JsonMember& member : value.members()) members.push_back(&member);
            std::sort(members.begin(), members.end(),
                      [](const JsonMember* left, const JsonMember* right) {
                          return canonical_less(left->name(), right->name());
                      });
            for (const JsonMember* member : members) print_member(*member);
        }
        out += before == '{' ? "{}" : "}";
    }
};

constexpr auto never_full = [](const std::string&) {};

}  // namespace

void JsonView::print_string_to(std::string& out, std::string_view text) {
    append_string(out, text);
}

void JsonView::print_to(std::string& out) const {
    Printer<Order::AsIs>::print(out, *this, never_full);
}

void JsonView::print_to(const std::function<void(std::string_view)>& write) const {
    constexpr std::size_t piece_bytes = 1 << 16;
    std::string piece;
    piece.reserve(piece_bytes + piece_bytes / 4);
    Printer<Order::AsIs>::print(piece, *this, [&](std::string& written) {
        if (written.size() < piece_bytes) return;
        write(written);
        written.clear();
    });
    write(piece);
}

std::string JsonView::print() const {
    std::string out;
    print_to(out);
    return out;
}

std::string JsonView::print_canonical() const {
    std::string out;
    Printer<Order::Canonical>::print(out, *this, never_full);
    return out;
}

}  // namespace consultd::fhir
