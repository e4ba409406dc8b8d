// Log: one JSON line for each event on stderr. A line takes numbers, durations, our own ids, kinds,
// names of the configuration and literals; a std::string is no such thing and does not compile, so
// patient data cannot get in.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "fhir/base/result.h"

namespace consultd {

// An id that we made ourselves: a UUID or a transfer's number; checked by its alphabet.
class OwnId {
public:
    explicit OwnId(std::string_view uuid);  // what is no UUID becomes "invalid"
    std::string_view view() const { return {text_, size_}; }

private:
    char text_[36]{};
    std::size_t size_ = 0;
};

// A name that stands in the configuration: what an institution is called there, its host and port.
// A person put it there before any patient came, so it holds no patient data; the same is true of
// an Actor's name. A Peer and an Actor alone make one; it lives as long as they.
class ConfigName {
public:
    std::string_view view() const { return text_; }

private:
    friend class Actor;
    friend class Peer;
    explicit ConfigName(std::string_view text) : text_(text) {}
    std::string_view text_;
};

class LogValue {
public:
    LogValue(std::int64_t number) : value_(number) {}                                 // NOLINT
    LogValue(std::uint64_t number) : value_(static_cast<std::int64_t>(number)) {}     // NOLINT
    LogValue(int number) : value_(std::int64_t{number}) {}                            // NOLINT
    LogValue(unsigned number) : value_(std::int64_t{number}) {}                       // NOLINT
    LogValue(bool yes) : value_(yes) {}                                               // NOLINT
    LogValue(std::chrono::milliseconds span) : value_(std::int64_t{span.count()}) {}  // NOLINT
    LogValue(StaticText text) : value_(text) {}                                       // NOLINT
    template <std::size_t N>
    consteval LogValue(const char (&literal)[N]) : value_(StaticText(literal)) {}  // NOLINT
    LogValue(ErrorKind kind) : value_(name_of(kind)) {}                            // NOLINT
    LogValue(OwnId id) : value_(id) {}                                             // NOLINT
    LogValue(ConfigName name) : value_(name) {}                                    // NOLINT
    // What would let data in:
    LogValue(const std::string&) = delete;
    LogValue(std::string_view) = delete;
    LogValue(const void*) = delete;  // a char* would be taken for a bool

    using Held = std::variant<std::int64_t, bool, StaticText, OwnId, ConfigName>;
    const Held& get() const { return value_; }

private:
    Held value_;
};

struct LogField {
    StaticText name;
    LogValue value;
};

class Log {
public:
    enum class Level { Debug, Info, Warn, Error };
    virtual ~Log() = default;
    virtual void write(Level level, StaticText event, std::span<const LogField> fields) = 0;

    // error: a person must act. warn: we worked around something. info: a state changed.
    void error(StaticText event, std::initializer_list<LogField> fields = {}) {
        write(Level::Error, event, {fields.begin(), fields.size()});
    }
    void warn(StaticText event, std::initializer_list<LogField> fields = {}) {
        write(Level::Warn, event, {fields.begin(), fields.size()});
    }
    void info(StaticText event, std::initializer_list<LogField> fields = {}) {
        write(Level::Info, event, {fields.begin(), fields.size()});
    }
    void debug(StaticText event, std::initializer_list<LogField> fields = {}) {
        write(Level::Debug, event, {fields.begin(), fields.size()});
    }
    // An Error with its kind, text and details, which hold no data by type. A detail that has the
    // name of a field before it is left out.
    void failure(StaticText event, const Error& error, std::span<const LogField> fields);
    void failure(StaticText event, const Error& error,
                 std::initializer_list<LogField> fields = {}) {
        failure(event, error, std::span(fields.begin(), fields.size()));
    }
};

// spdlog to stderr, JSON lines: {"ts":…,"level":…,"event":…,…}.
std::unique_ptr<Log> make_stderr_log(Log::Level least);

}  // namespace consultd
