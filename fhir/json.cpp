// The only file that knows RapidJSON: its reader in situ, with numbers as text, and its writer for
// people. The reader runs behind the checks that it does not make itself: see parse_with().
#define RAPIDJSON_HAS_STDSTRING 0
#include "fhir/json.h"

#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "fhir/base/utf8.h"
#include "fhir/json_arena.h"

namespace consultd::fhir {
namespace {

using Kind = JsonView::Kind;

// The names met so far: each is kept once, where it stood first, so that looking a member up reads
// what is in the cache. Of two with one place the later stays.
class NameTable {
public:
    const char* same(std::string_view name, std::uint16_t tag) const {
        const char* const met = names_[tag % size];
        return met && JsonArena::is_name(met, name) ? met : nullptr;
    }
    void add(const char* name_text, std::uint16_t tag) { names_[tag % size] = name_text; }

private:
    static constexpr std::size_t size = 1024;
    std::array<const char*, size> names_{};
};

// Texts copied out of a page that does not stay. Lines say much alike: what is short and was met
// lately is not copied again.
class CopiedTexts {
public:
    explicit CopiedTexts(JsonArena& arena) : arena_(arena) {}
    const char* name(std::string_view name) { return arena_.copy_name(name); }
    JsonView value(Kind kind, std::string_view text) {
        if (text.size() > short_max) return arena_.copy_text(kind, text);
        JsonView& met = met_[JsonView::tag_of(text) % met_.size()];
        if (met.kind() != kind || (kind == Kind::Number ? met.number() : met.string()) != text)
            met = arena_.copy_text(kind, text);
        return met;
    }

private:
    static constexpr std::size_t short_max = 128;
    JsonArena& arena_;
    std::vector<JsonView> met_ = std::vector<JsonView>(4096);
};

// Builds nodes from the reader's events. A container's children wait on a stack until it ends.
class TreeBuilder {
public:
    // Without `copies` texts stay where they stand in the page, which is the arena's.
    TreeBuilder(JsonArena& arena, const JsonLimits& limits, NameTable& names, CopiedTexts* copies,
                bool has_unicode_escapes)
        : arena_(arena),
          limits_(limits),
          names_(names),
          copies_(copies),
          check_strings_(has_unicode_escapes) {}

    bool Null() { return push(JsonView{}); }
    bool Bool(bool value) { return push(JsonArena::boolean(value)); }
    bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
        if (size > limits_.number_length_max)
            return fail(ErrorKind::TooLarge, "a number is too long");
        return push(text_of(Kind::Number, {text, size}));
    }
    bool String(const char* text, rapidjson::SizeType size, bool) {
        return check(text, size) && push(text_of(Kind::String, {text, size}));
    }
    bool Key(const char* text, rapidjson::SizeType size, bool) {
        const std::uint16_t tag = JsonView::tag_of({text, size});
        if (const char* const met = names_.same({text, size}, tag)) {
            stack_.push_back(JsonArena::name(met, size, tag));
            return true;
        }
        if (!check(text, size)) return false;
        const char* const name = copies_ ? copies_->name({text, size}) : name_in_page(text, size);
        names_.add(name, tag);
        return push(JsonArena::name(name, size, tag));
    }
    bool StartObject() { return descend(); }
    bool StartArray() { return descend(); }
    bool EndObject(rapidjson::SizeType count) {
        const std::size_t first = stack_.size() - std::size_t{2} * count;
        const JsonView object = arena_.object(stack_.data() + first, count);
        if (has_repeated_name(object))
            return fail(ErrorKind::Malformed, "an object has a name twice");
        stack_.resize(first);
        --depth_;
        return push(object);
    }
    bool EndArray(rapidjson::SizeType count) {
        const std::size_t first = stack_.size() - count;
        const JsonView array = arena_.array(stack_.data() + first, count);
        stack_.resize(first);
        --depth_;
        return push(array);
    }
    // Number events that do not come with kParseNumbersAsStringsFlag.
    bool Int(int) { return false; }
    bool Uint(unsigned) { return false; }
    bool Int64(std::int64_t) { return false; }
    bool Uint64(std::uint64_t) { return false; }
    bool Double(double) { return false; }

    JsonView root() const { return stack_.front(); }
    const std::optional<Error>& error() const { return error_; }

private:
    // Only an escape can bring in NUL or a lone surrogate: the page itself was checked before.
    bool check(const char* text, std::size_t size) {
        return !check_strings_ ||
               (std::memchr(text, 0, size) == nullptr && is_utf8({text, size})) ||
               fail(ErrorKind::Malformed, "a string holds NUL or a lone surrogate");
    }
    JsonView text_of(Kind kind, std::string_view text) {
        return copies_ ? copies_->value(kind, text)
                       : JsonArena::text(kind, text.data(), text.size());
    }
    // The page is the arena's, and the quotation mark has been read.
    static const char* name_in_page(const char* text, std::size_t size) {
        JsonArena::set_length(const_cast<char*>(text), size);  // NOLINT
        return text;
    }
    bool push(JsonView view) {
        stack_.push_back(view);
        return true;
    }
    bool descend() {
        return ++depth_ <= limits_.depth_max || fail(ErrorKind::TooLarge, "nested too deep");
    }
    bool fail(ErrorKind kind, StaticText text) {
        error_.emplace(kind, text);
        return false;
    }
    static bool has_repeated_name(const JsonView& object) {
        const auto members = object.members();
        if (const std::uint32_t* index = JsonArena::index_of(object)) {
            for (std::size_t i = 1; i < members.size(); ++i)
                if (members[index[i - 1]].name() == members[index[i]].name()) return true;
            return false;
        }
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < members.size(); ++i) {
            const std::uint64_t bit = std::uint64_t{1} << (members[i].tag() % 64);
            if ((seen & bit) != 0)
                for (std::size_t j = 0; j < i; ++j)
                    if (members[i].name() == members[j].name()) return true;
            seen |= bit;
        }
        return false;
    }

    JsonArena& arena_;
    const JsonLimits& limits_;
    NameTable& names_;
    CopiedTexts* const copies_;
    const bool check_strings_;
    std::size_t depth_ = 0;
    std::vector<JsonView> stack_;
    std::optional<Error> error_;
};

Error malformed_at(StaticText text, std::size_t offset) {
    return Error(ErrorKind::Malformed, text).with("offset", static_cast<std::int64_t>(offset));
}

template <class Writer>
void write(Writer& writer, const JsonView& value) {
    switch (value.kind()) {
        case Kind::Null:
            writer.Null();
            break;
        case Kind::False:
            writer.Bool(false);
            break;
        case Kind::True:
            writer.Bool(true);
            break;
        case Kind::Number: {
            const std::string_view text = value.number();
            writer.RawValue(text.data(), text.size(), rapidjson::kNumberType);
            break;
        }
        case Kind::String: {
            const std::string_view text = value.string();
            writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
            break;
        }
        case Kind::Array:
            writer.StartArray();
            for (const JsonView& item : value.items()) write(writer, item);
            writer.EndArray();
            break;
        case Kind::Object:
            writer.StartObject();
            for (const JsonMember& member : value.members()) {
                const std::string_view name = member.name();
                writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
                write(writer, member.value);
            }
            writer.EndObject();
            break;
    }
}

// What the reader does not check, of one text.
std::optional<Error> text_fault(std::string_view text, const JsonLimits& limits) {
    if (text.size() > std::min<std::size_t>(limits.bytes_max, UINT32_MAX - 1))
        return Error(ErrorKind::TooLarge, "JSON text over the limit")
            .with("bytes", static_cast<std::int64_t>(text.size()));
    if (text.starts_with("\xEF\xBB\xBF"))
        return malformed_at("JSON text begins with a byte order mark", 0);
    // The reader takes NUL for the end of the text and would not see what follows.
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
        return malformed_at("JSON text holds NUL", nul);
    if (!is_utf8(text)) return Error(ErrorKind::Malformed, "JSON text is not UTF-8");
    return std::nullopt;
}

// Reads the text at `text`, which ends with NUL; without `copies` it is of the arena's page.
template <unsigned flags>
Result<JsonView> read(JsonArena& arena, NameTable& names, CopiedTexts* copies, char* text,
                      std::size_t size, const JsonLimits& limits) {
    if (const auto fault = text_fault({text, size}, limits)) return *fault;
    const bool has_unicode_escapes = std::string_view(text, size).find("\\u") != std::string::npos;
    TreeBuilder builder(arena, limits, names, copies, has_unicode_escapes);
    rapidjson::InsituStringStream stream(text);
    rapidjson::Reader reader;
    // Numbers as text: they keep their digits, and the reader's own number code, which reads out of
    // bounds on a long negative exponent (CVE-2024-38517), is not reached. The recursive reader is
    // bounded by the builder's depth limit.
    reader.Parse<flags>(stream, builder);
    if (reader.HasParseError()) {
        const std::size_t offset = reader.GetErrorOffset();
        if (builder.error())
            return Error(*builder.error()).with("offset", static_cast<std::int64_t>(offset));
        return malformed_at("not JSON", offset);
    }
    return builder.root();
}

template <unsigned flags>
Result<Json> parse_with(std::string text, const JsonLimits& limits) {
    auto arena = std::make_shared<JsonArena>(std::move(text));
    std::string& page = arena->page();
    NameTable names;
    TRY_ASSIGN(const JsonView root,
               read<flags>(*arena, names, nullptr, page.data(), page.size(), limits));
    return JsonArena::own(root, std::move(arena));
}

constexpr unsigned strict_flags =
    rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
constexpr unsigned relaxed_flags =
    strict_flags | rapidjson::kParseCommentsFlag | rapidjson::kParseTrailingCommasFlag;

}  // namespace

Result<Json> Json::parse(std::string text, const JsonLimits& limits) {
    return parse_with<strict_flags>(std::move(text), limits);
}

Result<Json> Json::parse_relaxed(std::string text, const JsonLimits& limits) {
    return parse_with<relaxed_flags>(std::move(text), limits);
}

Result<std::vector<JsonLine>> Json::parse_lines(std::string text, const JsonLimits& limits) {
    const auto arena = std::make_shared<JsonArena>();
    std::string page = std::move(text);
    std::vector<JsonLine> lines;
    NameTable names;
    CopiedTexts copies(*arena);
    std::size_t number = 0;
    for (std::size_t at = 0; at < page.size();) {
        const std::size_t end = std::min(page.find('\n', at), page.size());
        const std::string_view line = std::string_view(page).substr(at, end - at);
        ++number;
        if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
            page[end] = '\0';  // where the line's own text ends
            const auto value =
                read<strict_flags>(*arena, names, &copies, page.data() + at, line.size(), limits);
            if (!value) return Error(value.error()).with("line", static_cast<std::int64_t>(number));
            lines.push_back({number, JsonArena::own(*value, arena)});
        }
        at = end + 1;
    }
    return lines;
}

std::string JsonView::print_pretty() const {
    rapidjson::StringBuffer buffer;
    rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
    writer.SetIndent(' ', 2);
    write(writer, *this);
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace consultd::fhir
