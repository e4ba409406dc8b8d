// Json: an immutable JSON value that loses nothing. Numbers keep their text, because in FHIR 0.010
// is not 0.01 (https://hl7.org/fhir/R4/json.html#primitive); members keep their order.
//
// JsonView is a 16-byte look at a value that somebody else keeps alive: take it as a parameter, do
// not store it. Json keeps its value alive: it shares the page it was parsed from, so copies are
// cheap and values of many pages may be put together. A change makes a new value that shares what
// is unchanged.
//
// RapidJSON tokenizes and prints, in json.cpp alone.
#pragma once

#include <cstddef>
#include <cstdint>
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
    JsonView operator[](std::string_view name) const;
    bool has(std::string_view name) const;
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

private:
    friend class Json;
    friend class JsonArena;
    std::string_view text() const { return {data_.text, size_}; }

    union Data {
        const char* text = nullptr;
        const JsonView* items;
        const JsonMember* members;
    } data_;
    std::uint32_t size_ = 0;
    Kind kind_ = Kind::Null;
    bool indexed_ = false;  // an object whose sorted index follows its members
};

struct JsonMember {
    JsonView name_value;  // a string
    JsonView value;
    std::string_view name() const { return name_value.string(); }
};

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
    Json(JsonView view, std::shared_ptr<const JsonArena> owner)
        : JsonView(view), owner_(std::move(owner)) {}
    std::shared_ptr<const JsonArena> owner_;
};

}  // namespace consultd::fhir
