#include "adapter/stages/belonging/wrapped.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "fhir/base/crypto.h"

namespace consultd {
namespace {

constexpr int mail_depth_max = 8;
constexpr std::size_t base64_least = 64;

// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT §4.3.7: the first file's name.
bool is_office_document(std::string_view head) {
    if (head.size() < 30) return false;
    const std::string_view name = head.substr(30);
    constexpr std::array<std::string_view, 5> firsts = {"[Content_Types].xml", "_rels/",
                                                        "docProps/", "mimetype", "word/"};
    return std::ranges::any_of(firsts,
                               [&](std::string_view first) { return name.starts_with(first); });
}

bool is_archive(std::string_view head) {
    using namespace std::string_view_literals;
    constexpr std::array<std::string_view, 6> marks = {"\x1f\x8b"sv,
                                                       "BZh"sv,
                                                       "\xfd"
                                                       "7zXZ"sv,
                                                       "7z\xbc\xaf\x27\x1c"sv,
                                                       "Rar!"sv,
                                                       "PK\x05\x06"sv};
    if (head.starts_with("PK\x03\x04")) return !is_office_document(head);
    return std::ranges::any_of(marks,
                               [&](std::string_view mark) { return head.starts_with(mark); });
}

bool is_same_word(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, [](char a, char b) {
        const auto small = [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        };
        return small(a) == small(b);
    });
}

// The next line, without its end; moves `text` behind it.
std::string_view next_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// "Content-Type" of what stands before the first empty line; folded lines are put together.
std::string header_of(std::string_view text, std::string_view name) {
    std::string value;
    bool is_it = false;
    while (!text.empty()) {
        const std::string_view line = next_line(text);
        if (line.empty()) break;
        if (line.starts_with(' ') || line.starts_with('\t')) {
            if (is_it) value += line;
            continue;
        }
        const std::size_t colon = std::min(line.find(':'), line.size());
        is_it = is_same_word(line.substr(0, colon), name);
        if (is_it) value = line.substr(std::min(colon + 1, line.size()));
    }
    return value;
}

std::string_view body_of(std::string_view text) {
    while (!text.empty())
        if (next_line(text).empty()) break;
    return text;
}

// boundary="x" or boundary=x
std::string boundary_of(std::string_view content_type) {
    const std::size_t at = content_type.find("boundary=");
    if (at == std::string_view::npos) return {};
    std::string_view rest = content_type.substr(at + 9);
    const bool is_quoted = rest.starts_with('"');
    if (is_quoted) rest.remove_prefix(1);
    return std::string(rest.substr(0, rest.find_first_of(is_quoted ? "\"" : "; \t")));
}

// https://www.rfc-editor.org/rfc/rfc2045#section-6.7
std::string from_quoted_printable(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned char value = 0;
        const std::string_view two = text.substr(std::min(at + 1, text.size()), 2);
        const auto [end, error] = std::from_chars(two.data(), two.data() + two.size(), value, 16);
        if (text[at] != '=') {
            out += text[at];
        } else if (error == std::errc() && end == two.data() + 2) {
            out += static_cast<char>(value);
            at += 2;
        } else {
            at = std::min(text.find('\n', at), text.size());  // a line that goes on
        }
    }
    return out;
}

bool add_bodies(std::string_view text, int depth, std::vector<std::string>& bodies) {
    if (depth > mail_depth_max) return false;
    std::string_view body = body_of(text);
    const std::string boundary = boundary_of(header_of(text, "Content-Type"));
    if (boundary.empty()) {
        const std::string encoding = header_of(text, "Content-Transfer-Encoding");
        if (encoding.find("ase64") != std::string::npos ||
            encoding.find("ASE64") != std::string::npos) {
            auto bytes = crypto::from_base64(body, crypto::WhiteSpace::Skip);
            if (!bytes) return false;
            bodies.push_back(*std::move(bytes));
        } else if (is_same_word(
                       encoding.substr(std::min(encoding.find_first_not_of(' '), encoding.size())),
                       "quoted-printable")) {
            bodies.push_back(from_quoted_printable(body));
        } else {
            bodies.emplace_back(body);
        }
        return true;
    }
    const std::string mark = "--" + boundary;
    for (std::size_t at = body.find(mark); at != std::string_view::npos;) {
        const std::size_t next = body.find(mark, at + mark.size());
        std::string_view part = body.substr(at + mark.size(), next - at - mark.size());
        next_line(part);
        if (next != std::string_view::npos && !add_bodies(part, depth + 1, bodies)) return false;
        at = next;
    }
    return true;
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

// "19800203" → "1980-02-03"
std::string date_of(std::string_view digits) {
    if (digits.size() < 8) return {};
    return std::string(digits.substr(0, 4))
        .append("-")
        .append(digits.substr(4, 2))
        .append("-")
        .append(digits.substr(6, 2));
}

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t number = 0;
    for (std::size_t i = size; i-- > 0;)
        number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
    return number;
}

std::string_view without_padding(std::string_view value) {
    using namespace std::string_view_literals;
    const std::size_t last = value.find_last_not_of(" \0"sv);
    return value.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// One data element's head.
// https://dicom.nema.org/medical/dicom/current/output/html/part05.html#sect_7.1
struct DicomElement {
    std::uint32_t tag = 0, length = 0;
    std::size_t value_at = 0;
};
constexpr std::uint32_t undefined_length = 0xffffffff;

std::optional<DicomElement> dicom_element(std::string_view bytes, std::size_t at,
                                          bool is_explicit) {
    if (at + 12 > bytes.size()) return std::nullopt;
    DicomElement one;
    one.tag = number_at(bytes, at, 2) << 16 | number_at(bytes, at + 2, 2);
    if (!is_explicit || one.tag >> 16 == 0xfffe) {
        one.length = number_at(bytes, at + 4, 4);
        one.value_at = at + 8;
        return one;
    }
    constexpr std::string_view long_forms = "OB OD OF OL OV OW SQ SV UC UN UR UT UV";
    const bool is_long = long_forms.find(bytes.substr(at + 4, 2)) != std::string_view::npos;
    one.length = is_long ? number_at(bytes, at + 8, 4) : number_at(bytes, at + 6, 2);
    one.value_at = at + (is_long ? 12 : 8);
    return one;
}

}  // namespace

Wrapping wrapping_of(std::string_view head) {
    if (is_archive(head)) return Wrapping::Archive;
    if (head.size() >= 132 && head.substr(128, 4) == "DICM") return Wrapping::Image;
    const std::size_t begin = head.find_first_not_of(" \t\r\n\x0b");
    const std::string_view text = begin == std::string_view::npos ? "" : head.substr(begin);
    for (const std::string_view mark : {"MSH|", "FHS|", "BHS|"})
        if (text.starts_with(mark)) return Wrapping::Message;
    const std::size_t colon = text.find(':');
    const bool has_header =
        colon != std::string_view::npos && text.find_first_of(" \t\r\n") > colon &&
        (!header_of(text, "MIME-Version").empty() || !header_of(text, "Content-Type").empty());
    if (has_header) return Wrapping::Mail;
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n";
    return text.size() >= base64_least && text.find_first_not_of(alphabet) == std::string_view::npos
               ? Wrapping::Base64
               : Wrapping::None;
}

std::optional<RecordTarget> target_of_message(std::string_view text) {
    const std::size_t begin = text.find("MSH");
    if (begin == std::string_view::npos || begin + 5 > text.size()) return std::nullopt;
    const char field = text[begin + 3], component = text[begin + 4];
    std::optional<RecordTarget> found;
    std::string segments(text);
    std::ranges::replace(segments, '\n', '\r');
    for (const std::string_view segment : split(segments, '\r')) {
        if (!segment.starts_with("PID") || segment.size() < 4 || segment[3] != field) continue;
        if (found) return std::nullopt;
        found.emplace();
        const std::vector<std::string_view> fields = split(segment, field);
        if (fields.size() > 3)
            for (const std::string_view id : split(fields[3], '~'))
                if (const auto value = split(id, component)[0]; !value.empty())
                    found->ids.emplace_back("", value);
        if (fields.size() > 5)
            for (const std::string_view name : split(fields[5], '~'))
                found->families.emplace_back(split(name, component)[0]);
        if (fields.size() > 7) found->birth_date = date_of(fields[7]);
    }
    return found;
}

std::optional<RecordTarget> target_of_image(std::string_view bytes) {
    constexpr std::string_view implicit = "1.2.840.10008.1.2", big = "1.2.840.10008.1.2.2",
                               deflated = "1.2.840.10008.1.2.1.99";
    RecordTarget target;
    std::string_view syntax;
    int depth = 0;  // of sequences without a length
    for (std::size_t at = 132; at < bytes.size();) {
        const bool is_meta = number_at(bytes, at, std::min<std::size_t>(2, bytes.size() - at)) == 2;
        if (!is_meta && (syntax == big || syntax == deflated)) return std::nullopt;
        const auto one = dicom_element(bytes, at, is_meta || syntax != implicit);
        if (!one) return std::nullopt;
        const std::uint32_t group = one->tag >> 16;
        at = one->value_at;
        if (one->tag == 0xfffee0dd) --depth;
        if (group == 0xfffe) continue;
        if (depth <= 0 && group > 0x0010) break;
        if (one->length == undefined_length) {
            ++depth;
            continue;
        }
        if (one->length > bytes.size() - at) return std::nullopt;
        const std::string_view value = without_padding(bytes.substr(at, one->length));
        at += one->length;
        if (one->tag == 0x00020010) syntax = value;
        if (depth > 0 || value.empty()) continue;
        if (one->tag == 0x00100010) target.families.emplace_back(value.substr(0, value.find('^')));
        if (one->tag == 0x00100020) target.ids.emplace_back("", value);
        if (one->tag == 0x00100030) target.birth_date = date_of(value);
    }
    return target;
}

std::optional<std::vector<std::string>> bodies_of_mail(std::string_view text) {
    std::vector<std::string> bodies;
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos || !add_bodies(text.substr(begin), 0, bodies))
        return std::nullopt;
    return bodies;
}

}  // namespace consultd
