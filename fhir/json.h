// Json: an immutable JSON value that loses nothing. Numbers keep their text, because in FHIR 0.010
// is not 0.01 (https://hl7.org/fhir/R4/json.html#primitive); members keep their order.
//
// JsonView is a 16-byte look at a value that somebody else keeps alive: take it as a parameter, do
// not store it. Json keeps its value alive: it shares the page it was parsed from, so copies are
// cheap and values of many pages may be put together. A change makes a new value that shares what
// is unchanged. JsonPart is a view that knows its keeper and can become a Json. Whoever makes many
// small values opens a JsonScope.
//
// RapidJSON tokenizes and prints, in json.cpp alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/base/result.h"

namespace consultd::fhir {

struct JsonMember;

class JsonView {
public:
    enum class Kind : std::uint8_t { Null, False, True, Number, String, Array, Object };

    constexpr JsonView() = default;  // null
    Kind kind() const { return kind_; }
    bool is_null() const { return kind_ == Kind::Null; }
    bool is_string() const { return kind_ == Kind::String; }
    bool is_number() const { return kind_ == Kind::Number; }
    bool is_bool() const { return kind_ == Kind::True || kind_ == Kind::False; }
    bool is_array() const { return kind_ == Kind::Array; }
    bool is_object() const { return kind_ == Kind::Object; }

    // The text of a string, unescaped UTF-8; of another kind: empty.
    std::string_view string() const { return is_string() ? text() : std::string_view{}; }
    // The text of a number exactly as it stood ("2.00"); of another kind: empty.
    std::string_view number() const { return is_number() ? text() : std::string_view{}; }
    // A number that is a whole one in the range of int64; else absent. "2.0" is not a whole one
    // here.
    std::optional<std::int64_t> integer() const;
    bool is_true() const { return kind_ == Kind::True; }

    // Elements of an array, members of an object; none of another kind.
    std::span<const JsonView> items() const {
        return {is_array() ? data_.items : nullptr, is_array() ? size_ : 0U};
    }
    inline std::span<const JsonMember> members() const;
    std::size_t size() const { return is_array() || is_object() ? size_ : 0U; }

    // The member of that name; null if this is no object or has none. Does not crawl on big
    // objects.
    inline JsonView operator[](std::string_view name) const;
    bool has(std::string_view name) const { return find(name) != nullptr; }
    const JsonMember* find(std::string_view name) const { return find(name, tag_of(name)); }
    // Descends through several objects: at("meta", "versionId").
    template <class... Names>
    JsonView at(std::string_view first, Names... rest) const {
        if constexpr (sizeof...(rest) == 0)
            return (*this)[first];
        else
            return (*this)[first].at(std::string_view(rest)...);
    }

    // Compact text: no white space, members in their order, only what must be escaped is escaped.
    std::string print() const;
    // Indented by two, for people.
    std::string print_pretty() const;
    // RFC 8785 order (members sorted by UTF-16 code units), numbers by their text; for comparing.
    std::string print_canonical() const;
    // The compact text at the end of `out`.
    void print_to(std::string& out) const;
    // The compact text piece by piece, so that it never stands in memory as a whole.
    void print_to(const std::function<void(std::string_view)>& write) const;

    // A number that names which differ seldom share: lookups compare it before the text.
    static constexpr std::uint16_t tag_of(std::string_view name) {
        if (name.empty()) return 0;
        const auto at = [&](std::size_t i) {
            return static_cast<std::uint32_t>(static_cast<unsigned char>(name[i]));
        };
        const std::size_t size = name.size();
        const std::uint32_t mixed = (static_cast<std::uint32_t>(size) + at(0) * 37) * 0x9E3779B1U ^
                                    (at(size - 1) * 59 + at(size / 2)) * 0x85EBCA6BU ^
                                    (at(size / 4) * 97 + at(size - 1 - size / 4)) * 0xC2B2AE35U;
        return static_cast<std::uint16_t>(mixed >> 16 ^ mixed);
    }

    // `text` as a JSON string, quotation marks and all, at the end of `out`.
    static void print_string_to(std::string& out, std::string_view text);

private:
    friend class Json;
    friend class JsonArena;
    friend struct JsonMember;
    std::string_view text() const { return {data_.text, size_}; }
    const JsonMember* find(std::string_view name, std::uint16_t tag) const;

    union Data {
        const char* text = nullptr;
        const JsonView* items;
        const JsonMember* members;
    } data_;
    std::uint32_t size_ = 0;
    Kind kind_ = Kind::Null;
    bool indexed_ = false;   // an object whose sorted index follows its members
    std::uint16_t tag_ = 0;  // of a member's value: tag_of its name
};

struct JsonMember {
    // Ends with NUL; the byte before it is its length, or 255 where that is more than 254.
    const char* name_text;
    JsonView value;
    std::string_view name() const {
        const auto length = static_cast<unsigned char>(name_text[-1]);
        return length == 255 ? std::string_view(name_text) : std::string_view(name_text, length);
    }
    std::uint16_t tag() const { return value.tag_; }
};

inline JsonView JsonView::operator[](std::string_view name) const {
    const JsonMember* member = find(name);
    return member ? member->value : JsonView{};
}

inline std::span<const JsonMember> JsonView::members() const {
    return {is_object() ? data_.members : nullptr, is_object() ? size_ : 0U};
}

// Same value: numbers by their text, members in any order.
bool same_value(JsonView left, JsonView right);

struct JsonLimits {
    std::size_t bytes_max = std::size_t{64} << 20;
    std::size_t depth_max = 64;
    std::size_t number_length_max = 256;
};

class JsonArena;
struct JsonLine;

class Json : public JsonView {
public:
    using Members = std::initializer_list<std::pair<std::string_view, Json>>;

    Json() = default;  // null
    Json(const Json&) = default;
    Json& operator=(const Json&) = default;
    // What was moved from is null: it does not look at a page that nobody keeps alive.
    Json(Json&& other) noexcept
        : JsonView(std::exchange(static_cast<JsonView&>(other), JsonView())),
          owner_(std::move(other.owner_)) {}
    Json& operator=(Json&& other) noexcept {
        Json taken(std::move(other));
        static_cast<JsonView&>(*this) = taken;
        owner_.swap(taken.owner_);
        return *this;
    }
    ~Json() = default;
    // Text and numbers are copied. A bool needs to be said: Json(true).
    Json(const char* text) : Json(std::string_view(text)) {}         // NOLINT
    Json(std::string_view text);                                     // NOLINT
    Json(const std::string& text) : Json(std::string_view(text)) {}  // NOLINT
    explicit Json(bool value);
    explicit Json(std::int64_t value);
    // A number by its text, which must be a JSON number.
    static Json number(std::string_view text);

    // An object with these members in this order; members that are null are left out, because FHIR
    // has no null there. Names must differ.
    static Json object(Members members);
    static Json object(std::vector<std::pair<std::string, Json>> members);
    static Json array(std::vector<Json> items);

    // Malformed, with `offset` in bytes: not JSON (RFC 8259), invalid UTF-8, a lone surrogate, NUL,
    // a byte order mark, a name twice in one object, trailing text. TooLarge: over a limit.
    // Takes the text and keeps it: strings point into it where they can.
    static Result<Json> parse(std::string text, const JsonLimits& limits = {});

    // The same with comments and trailing commas, for files that people write by hand.
    static Result<Json> parse_relaxed(std::string text, const JsonLimits& limits = {});

    // One JSON text on each line that is not blank, whose own text goes; the limits hold for each.
    // An error has the detail `line` beside. https://github.com/ndjson/ndjson-spec
    static Result<std::vector<JsonLine>> parse_lines(std::string text,
                                                     const JsonLimits& limits = {});

    // A part of this value that keeps the whole page alive.
    Json share(JsonView part) const { return Json(part, owner_); }
    Json get(std::string_view name) const { return share((*this)[name]); }

    // A new object: `name` set (in its place, or last), or taken out. This must be an object.
    Json with(std::string_view name, const Json& value) const;
    Json without(std::string_view name) const;
    // A new array with one more item at the end. This must be an array or null.
    Json appended(const Json& item) const;

private:
    friend class JsonArena;
    friend class JsonKeeper;
    Json(JsonView view, std::shared_ptr<const JsonArena> owner)
        : JsonView(view), owner_(std::move(owner)) {}
    std::shared_ptr<const JsonArena> owner_;
};

struct JsonLine {
    std::size_t number;  // from 1
    Json json;
};

// A part of a Json that somebody else keeps alive, and who that is: as cheap as a view, and a Json
// where one is needed.
class JsonPart : public JsonView {
public:
    JsonPart() = default;                                              // null
    JsonPart(const Json& whole) : JsonView(whole), keeper_(&whole) {}  // NOLINT
    JsonPart(JsonView part, const Json& keeper) : JsonView(part), keeper_(&keeper) {}
    operator Json() const { return keeper_ ? keeper_->share(*this) : Json(); }  // NOLINT
    JsonPart part(JsonView inner) const { return keeper_ ? JsonPart(inner, *keeper_) : JsonPart(); }
    Json get(std::string_view name) const { return part((*this)[name]); }
    Json with(std::string_view name, const Json& value) const {
        return Json(*this).with(name, value);
    }
    Json without(std::string_view name) const { return Json(*this).without(name); }

private:
    const Json* keeper_ = nullptr;
};

// Puts an object together from new members and those of other objects, which are not copied.
class JsonObjectBuilder {
public:
    JsonObjectBuilder();
    // Begins with the members of `from`, an object.
    explicit JsonObjectBuilder(const Json& from);
    JsonObjectBuilder(const JsonObjectBuilder&) = delete;
    JsonObjectBuilder& operator=(const JsonObjectBuilder&) = delete;
    ~JsonObjectBuilder() = default;
    // A null value is left out. Names must differ.
    void add(std::string_view name, const Json& value);
    // In the place of the member of that name, or last; null takes it out.
    void set(std::string_view name, const Json& value);
    // A member of an object that `keep` was told of.
    void share(const JsonMember& member) { members_.push_back(member); }
    // `value` under the name of such a member.
    void add(const JsonMember& named, const Json& value);
    void keep(const Json& whole);
    Json build();

private:
    std::shared_ptr<JsonArena> arena_;
    std::vector<JsonMember> members_;
};

// Keeps values alive for whoever holds views of them.
class JsonKeeper {
public:
    void keep(const Json& value);
    void keep(const JsonKeeper& other);
    // A part of what is kept.
    Json share(JsonView part) const { return Json(part, arena_); }

private:
    JsonArena& arena();
    std::shared_ptr<JsonArena> arena_;  // null: nothing yet
};

// While it lives, the values that this thread makes lie together in one arena, which lives as long
// as any of them: a stage that makes many small values opens one. Inner scopes join the outer one.
// The values of an open scope must not go into what another thread is making.
class JsonScope {
public:
    JsonScope();
    JsonScope(const JsonScope&) = delete;
    JsonScope& operator=(const JsonScope&) = delete;
    ~JsonScope();

private:
    bool is_outermost_;
};

}  // namespace consultd::fhir
