#include "adapter/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace consultd {
namespace {

bool is_uuid_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
}

void append_value(std::string& out, const LogValue& value) {
    std::visit(
        [&out](const auto& held) {
            using T = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<T, std::int64_t>)
                out += std::to_string(held);
            else if constexpr (std::is_same_v<T, bool>)
                out += held ? "true" : "false";
            else
                out.append("\"").append(held.view()).append("\"");
        },
        value.get());
}

class StderrLog final : public Log {
public:
    explicit StderrLog(Level least) : least_(least) {
        logger_ = std::make_shared<spdlog::logger>(
            "consultd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        logger_->set_pattern("{\"ts\":\"%Y-%m-%dT%H:%M:%S.%eZ\",%v}",
                             spdlog::pattern_time_type::utc);
        logger_->set_level(spdlog::level::trace);
        logger_->flush_on(spdlog::level::trace);
    }

    // Names and texts are literals or table words of ours, free of quotes; the rest are numbers.
    void write(Level level, StaticText event, std::initializer_list<LogField> fields) override {
        if (level < least_) return;
        std::string line = "\"level\":\"";
        line.append(name_of_level(level))
            .append("\",\"event\":\"")
            .append(event.view())
            .append("\"");
        for (const LogField& field : fields) {
            line.append(",\"").append(field.name.view()).append("\":");
            append_value(line, field.value);
        }
        logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
    }

private:
    static std::string_view name_of_level(Level level) {
        switch (level) {
            case Level::Debug:
                return "debug";
            case Level::Info:
                return "info";
            case Level::Warn:
                return "warn";
            case Level::Error:
                return "error";
        }
        return "";
    }
    const Level least_;
    std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace

OwnId::OwnId(std::string_view uuid) {
    constexpr std::string_view invalid = "invalid";
    bool fits = uuid.size() == sizeof(text_);
    for (const char c : uuid) fits = fits && is_uuid_character(c);
    const std::string_view kept = fits ? uuid : invalid;
    kept.copy(text_, kept.size());
    size_ = kept.size();
}

void Log::failure(StaticText event, const Error& error, std::initializer_list<LogField> fields) {
    // An initializer_list cannot be appended to; an error has one place more than it has details.
    std::optional<LogValue> transfer;
    for (const LogField& field : fields)
        if (field.name.view() == "transfer") transfer = field.value;
    const auto status = error.number("status");
    const auto text = error.text();
    if (transfer)
        write(Level::Error, event,
              {{"transfer", *transfer},
               {"kind", error.kind()},
               {"error", text},
               {"status", status.value_or(0)}});
    else
        write(Level::Error, event,
              {{"kind", error.kind()}, {"error", text}, {"status", status.value_or(0)}});
}

std::unique_ptr<Log> make_stderr_log(Log::Level least) {
    return std::make_unique<StderrLog>(least);
}

}  // namespace consultd
