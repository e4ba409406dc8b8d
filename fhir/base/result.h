// Result: what a function that can fail returns. Errors are values with a kind that says what the
// caller should do, a text fixed at compile time, and typed details. An Error cannot hold a
// run-time string, so it cannot hold patient data.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace consultd {

// What the caller should do about it.
enum class ErrorKind : std::uint8_t {
    Unavailable,   // certainly not applied; try again later
    RateLimited,   // certainly not applied; try again after `retry_after_s`
    Uncertain,     // a write left us and its fate is unknown: read back before anything else
    Unauthorized,  // the credential was not taken; a new token once
    Forbidden,     // refused by policy or scope; a person must act
    Denied,        // the patient's consent does not allow it
    NotFound,      // the thing asked for is not there
    Conflict,      // somebody else was faster; read again
    Malformed,     // the input or the peer breaks its format or protocol
    Unsupported,   // well-formed, and not something we can do
    TooLarge,      // over one of our limits
    Storage,       // our own disk or database did not take a write
    Corrupt,       // our own data does not verify: stop
    Cancelled,     // somebody asked to stop
    Config,        // the configuration is at fault
    Busy,          // another process holds what we need
};

// Text known at compile time, or taken from one of our own tables; never from input.
class StaticText {
public:
    consteval StaticText(const char* literal) : text_(literal) {}  // NOLINT: implicit by intent
    // For the generated tables only: `text` must live for the whole process and be ours.
    static constexpr StaticText from_table(const char* text) { return StaticText(text, 0); }
    constexpr const char* c_str() const { return text_; }
    constexpr std::string_view view() const { return text_; }

private:
    constexpr StaticText(const char* text, int) : text_(text) {}
    const char* text_;
};

class Error {
public:
    struct Detail {
        StaticText name;
        StaticText text;      // used when is_text
        std::int64_t number;  // used otherwise
        bool is_text;
    };
    static constexpr std::size_t details_max = 6;

    constexpr Error(ErrorKind kind, StaticText text) : kind_(kind), text_(text) {}

    constexpr ErrorKind kind() const { return kind_; }
    constexpr StaticText text() const { return text_; }
    std::span<const Detail> details() const { return {details_.data(), count_}; }

    // Details past `details_max` are left out; the first ones are nearest to the fault.
    Error&& with(StaticText name, std::int64_t number) && {
        add({name, "", number, false});
        return std::move(*this);
    }
    Error&& with(StaticText name, StaticText text) && {
        add({name, text, 0, true});
        return std::move(*this);
    }
    std::optional<std::int64_t> number(std::string_view name) const {
        for (const Detail& detail : details())
            if (!detail.is_text && detail.name.view() == name) return detail.number;
        return std::nullopt;
    }
    std::optional<StaticText> text(std::string_view name) const {
        for (const Detail& detail : details())
            if (detail.is_text && detail.name.view() == name) return detail.text;
        return std::nullopt;
    }
    // "search has more pages than the limit (pages 5000)". For people; holds no input.
    std::string message() const;

private:
    void add(Detail detail) {
        if (count_ < details_max) details_[count_++] = detail;
    }
    ErrorKind kind_;
    StaticText text_;
    std::array<Detail, details_max> details_{{{"", "", 0, false},
                                              {"", "", 0, false},
                                              {"", "", 0, false},
                                              {"", "", 0, false},
                                              {"", "", 0, false},
                                              {"", "", 0, false}}};
    std::size_t count_ = 0;
};

StaticText name_of(ErrorKind kind);

template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }
    T& value() & { return (assert(ok()), *std::get_if<0>(&state_)); }
    const T& value() const& { return (assert(ok()), *std::get_if<0>(&state_)); }
    T&& value() && { return (assert(ok()), std::move(*std::get_if<0>(&state_))); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    const Error& error() const { return (assert(!ok()), *std::get_if<1>(&state_)); }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}  // NOLINT
    bool ok() const { return !error_; }
    explicit operator bool() const { return ok(); }
    const Error& error() const { return (assert(error_), *error_); }

private:
    std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace consultd

#define CONSULTD_CONCAT_(a, b) a##b
#define CONSULTD_CONCAT(a, b) CONSULTD_CONCAT_(a, b)
// TRY(f()): go on, or return f's error to our caller.
#define TRY(expression)                                                                \
    do {                                                                               \
        if (auto try_result_ = (expression); !try_result_) return try_result_.error(); \
    } while (false)
// TRY_ASSIGN(auto x, f()): x is f's value, or f's error is returned to our caller.
#define TRY_ASSIGN(declaration, expression) \
    TRY_ASSIGN_(CONSULTD_CONCAT(try_assign_, __LINE__), declaration, expression)
#define TRY_ASSIGN_(name, declaration, expression) \
    auto name = (expression);                      \
    if (!name) return name.error();                \
    declaration = std::move(name).value()
